import type { Logger } from 'pino';
import { pause } from '../../operating/index.ts';
import type { TopicSpec } from './topic-spec.ts';
import type { WorkerMetrics } from './worker-metrics.ts';

const LOOK_EVERY_MS = 60_000;
const TELL_EVERY_MS = 3_600_000;
/** So many records that none of the named trunks or gateways fitted are no accident. */
const MANY_RECORDS = 1_000;

/**
 * Watches whether what was named for each topic's format (trunks, gateways, profiles) ever fits a record: where it is
 * mistyped, every record is counted as no call, and nothing else would say so. Goes on until `signal` is aborted.
 */
export async function watchNames(
  topics: readonly TopicSpec[],
  { log, metrics }: { readonly log: Logger; readonly metrics: WorkerMetrics },
  signal: AbortSignal,
): Promise<void> {
  const toldAt = new Map<string, number>();
  while (!signal.aborted) {
    await pause(LOOK_EVERY_MS, signal);
    for (const topic of topics) {
      const names = lookAtNames(topic, metrics);
      const now = performance.now();
      if (names.length === 0 || now - (toldAt.get(topic.name) ?? -Infinity) < TELL_EVERY_MS) continue;
      toldAt.set(topic.name, now);
      log.warn(
        { topic: topic.name, names, records: metrics.receivedOf(topic.name) },
        'what is named for the topic fits none of its records: calls are counted as no calls where it is mistyped',
      );
    }
  }
}

/**
 * Says in the metrics how many names of a topic fit nothing; returns them, as `trunk=…`, once there were many
 * records.
 */
export function lookAtNames({ name, reader }: TopicSpec, metrics: WorkerMetrics): readonly string[] {
  if (reader.unmatched === undefined) return [];
  const received = metrics.receivedOf(name);
  const unmatched = received === 0 ? [] : reader.unmatched();
  metrics.namesUnmatched(name, unmatched.length);
  return received < MANY_RECORDS ? [] : unmatched.map(({ setting, name: given }) => `${setting}=${given}`);
}
