import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { runCommand } from '../bin/run-command.ts';
import { type ResettingProxy, startResettingProxy } from '../support/resetting-proxy.ts';
import { type KafkaServer, startKafka } from '../support/kafka.ts';
import { type PostgresServer, runOn, startPostgres, withDatabase } from '../support/postgres.ts';
import { ownServerWays } from '../support/servers/server-ways.ts';
import { FairtallyProcess } from './fairtally-process.ts';
import { SWITCH_OF_LEGS } from './make-calls-of-legs.ts';
import { KEYED_TOPIC, LEGS_TOPIC, REGISTRATIONS_TOPIC, UNKEYED_LEGS_TOPIC, UNKEYED_TOPIC } from './make-month.ts';
import type { CrashSettings } from './settings.ts';

/** The system under test: a broker, a database, two workers and one that comes and goes, a relay. */
export interface Cluster {
  readonly kafka: KafkaServer;
  readonly postgres: PostgresServer;
  /** Address of the ledger's database. */
  readonly url: string;
  /** What the processes' connections go through. */
  readonly toKafka: ResettingProxy;
  readonly toPostgres: ResettingProxy;
  /** A client of the test's own. */
  readonly client: Kafka;
  readonly workers: readonly [FairtallyProcess, FairtallyProcess];
  readonly thirdWorker: FairtallyProcess;
  readonly relay: FairtallyProcess;
  /** Ends all of it. */
  close(): Promise<void>;
}

/** Options of a worker: messages bear the time of the test, and the month of their calls may be past or yet to come. */
export const ANY_MONTH = ['--starts-before-days', '36500', '--starts-after-days', '36500'];
const DATABASE = 'crash';
const READ_AS = `format=asterisk-csv,switch=${SWITCH_OF_LEGS},zone=UTC,trunk=PJSIP/op`;
const OF_LEGS = [`${LEGS_TOPIC},${READ_AS}`, `${UNKEYED_LEGS_TOPIC},key=other,${READ_AS}`];

/** Starts servers of its own, sets up an empty ledger and the topics, and starts nothing else yet. */
export async function startCluster(folder: string, settings: CrashSettings): Promise<Cluster> {
  const ways = ownServerWays();
  const [toKafka, toPostgres] = await Promise.all([startResettingProxy(), startResettingProxy()]);
  const advertise = (address: string): string => {
    toKafka.passOnTo(address);
    return toKafka.address;
  };
  const [kafka, postgres] = await Promise.all([startKafka({ ways, advertise }), startPostgres(ways)]);
  const url = withDatabase(postgres.url, DATABASE);
  await runOn(postgres.url, `create database ${DATABASE}`);
  const { host } = new URL(url);
  toPostgres.passOnTo(host);
  const proxiedUrl = url.replace(host, toPostgres.address);
  const topics = [KEYED_TOPIC, `${UNKEYED_TOPIC},key=other`, ...OF_LEGS, `${REGISTRATIONS_TOPIC},format=registrations`];
  const kafkaArgs = ['--brokers', toKafka.address, ...topics.flatMap((topic) => ['--topic', topic])];
  await command(folder, ['setup', '--database', url]);
  await command(folder, ['topics', 'create', ...kafkaArgs, '--partitions', '8']);
  const worker = (name: string): FairtallyProcess => {
    const { batchRecords, sessionMs } = settings;
    const pace = ['--batch-records', String(batchRecords), '--linger-ms', '20', '--session-ms', String(sessionMs)];
    const args = ['worker', ...kafkaArgs, ...ANY_MONTH, '--database', proxiedUrl, ...pace];
    return new FairtallyProcess(name, args, join(folder, `${name}.log`));
  };
  const relayArgs = ['relay', '--brokers', toKafka.address, '--database', proxiedUrl];
  const cluster = {
    kafka,
    postgres,
    url,
    toKafka,
    toPostgres,
    client: new Kafka({ clientId: 'crash-test', brokers: kafka.address.split(','), logLevel: logLevel.NOTHING }),
    workers: [worker('worker-1'), worker('worker-2')] as const,
    thirdWorker: worker('worker-3'),
    relay: new FairtallyProcess('relay', relayArgs, join(folder, 'relay.log')),
  };
  return {
    ...cluster,
    async close() {
      await Promise.all(processesOf(cluster).map((process) => process.kill()));
      await Promise.all([kafka.close(), postgres.close()]);
      for (const proxy of [toKafka, toPostgres]) proxy.close();
    },
  };
}

/** All that runs `fairtally`. */
export function processesOf(cluster: Pick<Cluster, 'workers' | 'thirdWorker' | 'relay'>): readonly FairtallyProcess[] {
  return [...cluster.workers, cluster.thirdWorker, cluster.relay];
}

/** Runs a command of `fairtally` that must work. */
export async function command(folder: string, args: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await runCommand(folder, args);
  if (exitCode !== 0) throw new Error(`'fairtally ${args.join(' ')}' ended with ${exitCode}: ${stderr}`);
}
