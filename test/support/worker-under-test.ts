import { pino } from 'pino';
import { loadCatalogue, RatingEngine } from '../../engine/index.ts';
import { Worker, type WorkerSettings } from '../../ingest/kafka/worker.ts';
import type { Database } from '../../ledger/index.ts';
import { kafkaClient } from './kafka-client.ts';
import { plan } from './ledger-under-test.ts';

export interface WorkerUnderTest {
  readonly worker: Worker;
  /** Settles when the worker has ended. */
  readonly ended: Promise<void>;
  /** Has it end gracefully. */
  stop(): Promise<void>;
}

/** A worker in this process, with a memory of its own. */
export function startWorker(
  address: string,
  db: Database,
  settings: Pick<WorkerSettings, 'topics' | 'rekeyedTopic' | 'groupId'>,
): WorkerUnderTest {
  const engine = new RatingEngine(db, () => loadCatalogue(db, plan));
  const parts = { kafka: kafkaClient(address), db, engine, plan, log: pino({ level: 'silent' }) };
  const worker = new Worker({ batchRecords: 500, lingerMs: 20, sessionMs: 10_000, ...settings }, parts);
  const stopping = new AbortController();
  const ended = worker.run(stopping.signal);
  // Whoever waits for it is told of a failure.
  ended.catch(() => undefined);
  return {
    worker,
    ended,
    stop() {
      stopping.abort();
      return ended;
    },
  };
}
