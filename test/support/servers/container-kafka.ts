import { type PlacedListener, type ScramUser, scramArguments, withSecurity } from './broker-security.ts';
import { type ContainerServerSettings, containerHost, startContainerServer } from './container-server.ts';
import { freePort } from './free-port.ts';
import { CLUSTER_ID } from './kafka-artifacts.ts';
import { brokerEnvironment, brokerSettings, propertiesText } from './kafka-settings.ts';
import type { OwnKafka, OwnKafkaSettings } from './local-kafka.ts';

const FOLDER = '/var/lib/kafka/data/log';
const PORT = 9092;
/** After those with which the broker finds itself. */
const FIRST_SECURED_PORT = 9095;

/** The same as `startLocalKafka`, in a container. */
export async function startContainerKafka(given: OwnKafkaSettings): Promise<OwnKafka> {
  const host = await containerHost();
  const port = await freePort();
  const address = `${host}:${port}`;
  const ports = [{ container: PORT, host: port }];
  const security = given.secure(host);
  const placed: PlacedListener[] = [];
  for (const listener of security.listeners) {
    const own = { container: FIRST_SECURED_PORT + placed.length, host: await freePort() };
    ports.push(own);
    placed.push({ ...listener, listenAt: `:${own.container}`, advertisedAt: `${host}:${own.host}` });
  }
  const settings = brokerSettings({
    listenAt: `:${PORT}`,
    controllerAt: 'localhost:9093',
    itselfAt: 'localhost:9094',
    advertisedAt: given.advertise(address),
    folder: FOLDER,
  });
  const { jvmOptions } = given;
  const server = await startContainerServer({
    image: `apache/kafka:${given.version}`,
    ...(placed.length === 0
      ? startedByImage(settings, jvmOptions)
      : startedByFile(withSecurity(settings, security, placed), security.users, jvmOptions)),
    ports,
    ask: () => given.ask(address),
  });
  const secured = new Map(placed.map(({ name, advertisedAt }) => [name, advertisedAt]));
  return Object.assign(server, { address, secured });
}

type Start = Pick<ContainerServerSettings, 'environment' | 'command'>;

function startedByImage(settings: Readonly<Record<string, string>>, jvmOptions: readonly string[]): Start {
  // The image names a garbage collector itself, and Java takes only one.
  const heap = jvmOptions.filter((option) => !/^-XX:\+Use\w+GC$/.test(option));
  return { environment: { ...brokerEnvironment(settings), KAFKA_HEAP_OPTS: heap.join(' ') } };
}

/**
 * As `startLocalKafka` does it: the image has no way to enter users by SCRAM when it formats the log, and wants
 * keystores in files of its own where a listener is secured.
 */
function startedByFile(
  settings: Readonly<Record<string, string>>,
  users: readonly ScramUser[],
  jvmOptions: readonly string[],
): Start {
  const script = [
    'set -e',
    'FILE=/tmp/server.properties',
    `printf '%s' "$SERVER_PROPERTIES" >"$FILE"`,
    `export CLASSPATH='/opt/kafka/libs/*'`,
    `java kafka.tools.StorageTool format --ignore-formatted -t ${CLUSTER_ID} -c "$FILE" "$@"`,
    `exec java ${jvmOptions.join(' ')} kafka.Kafka "$FILE"`,
  ].join('\n');
  return {
    environment: { SERVER_PROPERTIES: propertiesText(settings) },
    command: ['bash', '-c', script, 'bash', ...scramArguments(users)],
  };
}
