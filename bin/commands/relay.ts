import type { Logger } from 'pino';
import { createKafka } from '../../kafka/index.ts';
import { startHealthServer } from '../../operating/index.ts';
import { Relay } from '../../relay/index.ts';
import { CommandError } from '../command-error.ts';
import { runUntilStopped } from '../long-running.ts';
import { openLog } from '../open-log.ts';
import { withExistingLedger } from '../open-ledger.ts';
import { readStreamConfig, type StreamConfig, type StreamOptions } from '../stream-config.ts';
import type { Terminal } from '../terminal.ts';

/** `fairtally relay`: publishes to Kafka what is in the ledger, until it is told to stop. */
export async function runRelay(options: StreamOptions, terminal: Terminal): Promise<void> {
  const config = readStreamConfig(options, terminal);
  const log = openLog(terminal, config.kafka);
  await runUntilStopped(options, terminal, log, () => publish(options, config, terminal, log));
}

function publish(options: StreamOptions, config: StreamConfig, terminal: Terminal, log: Logger): Promise<void> {
  return withExistingLedger(
    options,
    terminal,
    async ({ db, place }) => {
      if (place.kind === 'directory') {
        throw new CommandError(
          `Cannot relay from the embedded ledger in '${place.directory}': nothing else could use it meanwhile; give a PostgreSQL server with '--database'`,
        );
      }
      const relay = new Relay(config, { kafka: createKafka(config.kafka, log), db, log });
      const server =
        config.metricsPort === null
          ? null
          : await startHealthServer(
              { host: config.metricsHost, port: config.metricsPort },
              relay.metrics.registry,
              () => relay.health(),
            );
      const { usageTopic, eventTopic } = config;
      log.info({ topics: [usageTopic, eventTopic], port: server?.port ?? null }, 'relay started');
      try {
        await relay.run(terminal.signal);
      } finally {
        await server?.close();
      }
      log.info('relay stopped');
    },
    { waits: false },
  );
}
