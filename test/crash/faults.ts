import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../../traffic/random.ts';
import type { ResettingProxy } from '../support/resetting-proxy.ts';
import type { TestServer } from '../support/servers/test-server.ts';
import type { Cluster } from './cluster.ts';
import type { FairtallyProcess } from './fairtally-process.ts';
import { ask } from './ledger-progress.ts';
import { until } from './patience.ts';
import type { CrashSettings, FaultKind } from './settings.ts';

/** What faults were done, by the name under which the report counts them. */
export type FaultTally = Map<string, number>;

export interface FaultContext {
  readonly cluster: Cluster;
  readonly random: Random;
  readonly tally: FaultTally;
  readonly settings: Pick<CrashSettings, 'pauseMs' | 'sessionMs'>;
  /** What the report says behind each fault. */
  readonly when?: string;
}

/** Does one fault, and starts again what it ended. */
export async function doFault(kind: FaultKind, context: FaultContext): Promise<void> {
  const { cluster, random } = context;
  switch (kind) {
    case 'kill-worker':
      return killProcess(random.pick(cluster.workers), context);
    case 'kill-both-workers':
      await Promise.all(cluster.workers.map((worker) => killProcess(worker, context)));
      return;
    case 'kill-relay':
      return killProcess(cluster.relay, context);
    case 'kill-broker':
      return endServer(cluster.kafka, 'kill', 'broker', context);
    case 'stop-broker':
      return endServer(cluster.kafka, 'stop', 'broker', context);
    case 'kill-database':
      return endServer(cluster.postgres, 'kill', 'database', context);
    case 'stop-database':
      return endServer(cluster.postgres, 'stop', 'database', context);
    case 'terminate-backend':
      return terminateBackend(context);
    case 'cut-database':
      return cutConnections(cluster.toPostgres, 'database', context);
    case 'cut-kafka':
      return cutConnections(cluster.toKafka, 'broker', context);
    case 'freeze-worker':
      count(context, 'worker frozen');
      // Until its partitions have been given to others, which have taken from them.
      return random.pick(cluster.workers).freeze(2.5 * context.settings.sessionMs);
    case 'worker-joins':
      return joinForAWhile(cluster.thirdWorker, context);
    default:
      kind satisfies never;
  }
}

function count({ tally, when = '' }: FaultContext, what: string): void {
  const key = `${what}${when}`;
  tally.set(key, (tally.get(key) ?? 0) + 1);
}

async function killProcess(process: FairtallyProcess, context: FaultContext): Promise<void> {
  if (!process.isRunning) return;
  const name = process.name.replace(/-\d$/, '');
  await process.kill();
  count(context, `${name} killed`);
  await delay(context.random.below(context.settings.pauseMs));
  process.start();
}

async function endServer(server: TestServer, how: 'kill' | 'stop', name: string, context: FaultContext): Promise<void> {
  await server[how]();
  count(context, `${name} ${how === 'kill' ? 'killed' : 'stopped'}`);
  await delay(context.random.below(context.settings.pauseMs));
  await server.start();
}

/** Cuts off a connection of the workers that is at work, at best in the middle of its commit. */
async function terminateBackend(context: FaultContext): Promise<void> {
  const { cluster } = context;
  const wasCut = await until(
    async () => {
      const rows = await ask(
        cluster.url,
        `select pg_terminate_backend(pid), query from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid() and (state = 'active' or xact_start is not null)
         order by query ilike 'commit%' desc limit 1`,
      );
      return rows.length > 0;
    },
    8000,
    2,
  );
  count(context, wasCut ? 'connection cut in a transaction' : 'no connection to cut');
}

/**
 * Cuts about half of the connections that there are, whatever they are doing: most of them are idle between two
 * batches.
 */
async function cutConnections(proxy: ResettingProxy, server: string, context: FaultContext): Promise<void> {
  const { random } = context;
  const wereCut = await until(async () => proxy.cut(() => random.chance(0.5)) > 0, 8000, 20);
  count(context, wereCut ? `connections to the ${server} cut` : `no connection to the ${server} to cut`);
}

async function joinForAWhile(worker: FairtallyProcess, context: FaultContext): Promise<void> {
  worker.start();
  count(context, 'worker joined and left');
  // It gets some partitions, which then move back.
  await until(async () => worker.hasSaid('partitions assigned'), 20_000);
  await delay(context.random.below(context.settings.pauseMs));
  await worker.stop();
}
