import { Kafka, logLevel } from 'kafkajs';
import { noSecurity, type SecureBroker } from './servers/broker-security.ts';
import { startContainerKafka } from './servers/container-kafka.ts';
import { startLocalKafka } from './servers/local-kafka.ts';
import { firstServer, type ServerWay, serverWays, WayClosed } from './servers/server-ways.ts';
import { foreignServer, type TestServer } from './servers/test-server.ts';

/** A real Apache Kafka broker. */
export interface KafkaServer extends TestServer {
  /** `host:port`; several, with commas between, when the environment names them. */
  readonly address: string;
  /** Where its other listeners are found, by their names. */
  readonly secured: ReadonlyMap<string, string>;
}

export interface KafkaOptions {
  /** The ways to come by it, in order. */
  readonly ways?: readonly ServerWay[];
  /**
   * Options of the broker's Java machine: by default those with which it starts quickest. Benchmarks let it compile
   * well.
   */
  readonly jvmOptions?: readonly string[];
  /** What it has beside the listener in plain text, unless the environment names the broker. */
  readonly secure?: SecureBroker;
  /** Is told where it listens, before it starts; answers where clients are told to find it: at a proxy, say. */
  readonly advertise?: (address: string) => string;
}

const VERSION = '4.3.1';
const QUICK_JVM = ['-Xmx512m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];

/**
 * The broker at `KAFKA_BROKERS`, or one in a container where a Docker engine answers, or one started on this machine
 * with Java. Fails, with what to install, when there is none of them.
 */
export function startKafka(options: KafkaOptions = {}): Promise<KafkaServer> {
  const {
    ways = serverWays(),
    jvmOptions = QUICK_JVM,
    secure = noSecurity,
    advertise = (address) => address,
  } = options;
  const given = { version: VERSION, jvmOptions, secure, advertise, ask: askKafka };
  const kind = {
    name: 'Apache Kafka',
    toInstall: 'Install Docker, or Java 17 or later and Maven, or set KAFKA_BROKERS to the addresses of a cluster',
    ways: {
      environment: kafkaOfEnvironment,
      containers: () => startContainerKafka(given),
      local: () => startLocalKafka(given),
    },
  };
  return firstServer(kind, ways);
}

async function kafkaOfEnvironment(): Promise<KafkaServer> {
  const address = process.env['KAFKA_BROKERS'] ?? '';
  if (address === '') throw new WayClosed('KAFKA_BROKERS is not set');
  await askKafka(address);
  return { ...foreignServer('KAFKA_BROKERS'), address, secured: new Map() };
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
