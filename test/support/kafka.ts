import { Kafka, logLevel } from 'kafkajs';
import { containerHost, startContainerServer } from './servers/container-server.ts';
import { freePort } from './servers/free-port.ts';
import { brokerEnvironment, brokerSettings } from './servers/kafka-settings.ts';
import { startLocalKafka } from './servers/local-kafka.ts';
import { firstServer, type ServerWay, serverWays, WayClosed } from './servers/server-ways.ts';
import { foreignServer, type TestServer } from './servers/test-server.ts';

/** A real Apache Kafka broker. */
export interface KafkaServer extends TestServer {
  /** `host:port`; several, with commas between, when the environment names them. */
  readonly address: string;
}

export interface KafkaOptions {
  /** The ways to come by it, in order. */
  readonly ways?: readonly ServerWay[];
  /** Options of the broker's Java machine: by default those with which it starts quickest. Benchmarks let it compile well. */
  readonly jvmOptions?: readonly string[];
}

const VERSION = '4.3.1';
const IMAGE = `apache/kafka:${VERSION}`;
const QUICK_JVM = ['-Xmx512m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];
const CONTAINER_FOLDER = '/var/lib/kafka/data/log';

/**
 * The broker at `KAFKA_BROKERS`, or one in a container where a Docker engine answers, or one started on this machine with
 * Java. Fails, with what to install, when there is none of them.
 */
export function startKafka({ ways = serverWays(), jvmOptions = QUICK_JVM }: KafkaOptions = {}): Promise<KafkaServer> {
  const kind = {
    name: 'Apache Kafka',
    toInstall: 'Install Docker, or Java 17 or later and Maven, or set KAFKA_BROKERS to the addresses of a cluster',
    ways: {
      environment: kafkaOfEnvironment,
      containers: () => startKafkaContainer(jvmOptions),
      local: () => startLocalKafka(VERSION, jvmOptions, askKafka),
    },
  };
  return firstServer(kind, ways);
}

async function kafkaOfEnvironment(): Promise<KafkaServer> {
  const address = process.env['KAFKA_BROKERS'] ?? '';
  if (address === '') throw new WayClosed('KAFKA_BROKERS is not set');
  await askKafka(address);
  return { ...foreignServer('KAFKA_BROKERS'), address };
}

async function startKafkaContainer(jvmOptions: readonly string[]): Promise<KafkaServer> {
  const port = await freePort();
  const address = `${await containerHost()}:${port}`;
  const settings = brokerSettings({
    listenAt: ':9092',
    controllerAt: 'localhost:9093',
    itselfAt: 'localhost:9094',
    advertisedAt: address,
    folder: CONTAINER_FOLDER,
  });
  const server = await startContainerServer({
    image: IMAGE,
    // The image names a garbage collector itself, and Java takes only one.
    environment: {
      ...brokerEnvironment(settings),
      KAFKA_HEAP_OPTS: jvmOptions.filter((option) => !/^-XX:\+Use\w+GC$/.test(option)).join(' '),
    },
    containerPort: 9092,
    port,
    ask: () => askKafka(address),
  });
  return Object.assign(server, { address });
}

/** Resolves when a broker at the addresses takes requests. */
async function askKafka(brokers: string): Promise<void> {
  const kafka = new Kafka({
    clientId: 'fairtally-test',
    brokers: brokers.split(','),
    logLevel: logLevel.NOTHING,
    retry: { retries: 0 },
  });
  const admin = kafka.admin();
  try {
    await admin.connect();
    const cluster = await admin.describeCluster();
    if (cluster.brokers.length === 0) throw new Error('the cluster has no broker yet');
  } finally {
    await admin.disconnect();
  }
}
