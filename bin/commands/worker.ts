import { createKafka } from '../../kafka/index.ts';
import { loadCatalogue, RatingEngine } from '../../engine/index.ts';
import { startHealthServer } from '../../operating/index.ts';
import { Worker } from '../../ingest/index.ts';
import { runUntilStopped } from '../long-running.ts';
import { openLog } from '../open-log.ts';
import { withLedger } from '../open-ledger.ts';
import { readStreamConfig, type StreamOptions } from '../stream-config.ts';
import type { Terminal } from '../terminal.ts';

/** `fairtally worker`: rates what comes in topics until it is told to stop. */
export async function runWorker(options: StreamOptions, terminal: Terminal): Promise<void> {
  const config = readStreamConfig(options, terminal);
  const log = openLog(terminal, config.kafka);
  await runUntilStopped(options, terminal, log, () =>
    withLedger(
      options,
      terminal,
      async ({ db, plan }) => {
        const engine = new RatingEngine(db, () => loadCatalogue(db, plan), {
          onRepeat: (error, failures) => log.warn({ err: error, failures }, 'a batch failed: it is tried again'),
        });
        const worker = new Worker(config, { kafka: createKafka(config.kafka, log), db, engine, plan, log });
        const { metrics, health } = worker;
        const server =
          config.metricsPort === null
            ? null
            : await startHealthServer({ host: config.metricsHost, port: config.metricsPort }, metrics.registry, () =>
                health.report(),
              );
        log.info({ topics: config.topics.map(({ name }) => name), port: server?.port ?? null }, 'worker started');
        try {
          await worker.run(terminal.signal);
        } finally {
          await server?.close();
        }
        log.info('worker stopped');
      },
      { waits: false },
    ),
  );
}
