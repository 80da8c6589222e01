import { setTimeout as delay } from 'node:timers/promises';
import { Random } from '../../../traffic/random.ts';
import type { ApiCluster } from './api-cluster.ts';

/** What a crash test of the API does, by its seed. */
export interface ApiCrashSettings {
  readonly seed: string;
  readonly calls: number;
  /** How often each is killed. */
  readonly kills: Readonly<Record<ApiFault, number>>;
  /** Longest wait before a fault, and before what was killed is started again, ms. */
  readonly pauseMs: number;
}

const API_FAULTS = ['reader', 'server', 'both servers', 'database', 'connections'] as const;
export type ApiFault = (typeof API_FAULTS)[number];

/** The few faults that a test run has time for. */
export function shortApiSettings(seed: string): ApiCrashSettings {
  const kills = { reader: 6, server: 3, 'both servers': 1, database: 1, connections: 2 };
  return { seed, calls: 4_000, kills, pauseMs: 800 };
}

/** A reader killed a hundred times. */
export function longApiSettings(seed: string): ApiCrashSettings {
  const kills = { reader: 100, server: 30, 'both servers': 5, database: 6, connections: 15 };
  return { seed, calls: 60_000, kills, pauseMs: 1_500 };
}

/** What is done, in an order of the seed's. */
export function planApiFaults({ seed, kills }: ApiCrashSettings): ApiFault[] {
  const random = new Random(seed, 'api-plan');
  return random.shuffled(API_FAULTS.flatMap((kind) => Array.from({ length: kills[kind] }, () => kind)));
}

/** Does one fault after a while, and starts again what it ended. */
export async function doApiFault(kind: ApiFault, cluster: ApiCluster, random: Random, pauseMs: number): Promise<void> {
  const { servers, reader, postgres, toPostgres } = cluster;
  await delay(random.below(pauseMs));
  switch (kind) {
    case 'reader':
      await reader.kill();
      return reader.start();
    case 'server': {
      const server = random.pick(servers);
      await server.kill();
      await delay(random.below(pauseMs));
      return server.start();
    }
    case 'both servers':
      await Promise.all(servers.map((server) => server.kill()));
      for (const server of servers) server.start();
      return;
    case 'database':
      await postgres.kill();
      await delay(random.below(pauseMs));
      return postgres.start();
    case 'connections':
      toPostgres.cut(() => random.chance(0.5));
      return;
    default:
      kind satisfies never;
  }
}
