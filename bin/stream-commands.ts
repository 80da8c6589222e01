import type { Command } from 'commander';
import {
  createTopics,
  listHoles,
  listPositions,
  movePosition,
  runRelay,
  runWorker,
  settle,
} from './commands-on-demand.ts';
import type { SettleOptions } from './commands/holes.ts';
import type { MoveOptions } from './commands/positions.ts';
import type { CreateTopicsOptions } from './commands/topics.ts';
import type { PlaceOptions } from './config.ts';
import { withPlace } from './place-options.ts';
import type { StreamOptions } from './stream-config.ts';
import { withStreamOptions } from './stream-options.ts';
import type { Terminal } from './terminal.ts';

/** What reads Kafka and publishes to it: workers, the relay, topics. */
export function addStream(program: Command, terminal: Terminal): void {
  withPlace(
    withStreamOptions(program.command('worker'))
      .summary('rate what comes in Kafka topics, until it is told to stop')
      .description(
        'Start more of them, and they share the work. Every setting may also come from the environment: docs/reference/kafka.md.',
      )
      .option('--group <id>', 'consumer group that workers share (fairtally)')
      .option('--batch-records <count>', 'records a transaction (20000)')
      .option('--linger-ms <ms>', 'how long to wait for a fuller batch (200)')
      .option('--session-ms <ms>', 'after how long without a sign of life others take over (20000)')
      .option('--metrics-port <port>', 'serve /metrics and /health here')
      .option('--metrics-host <address>', 'listen for that on this address (127.0.0.1)')
      .option('--unhealthy-after-ms <ms>', 'after how long of failing again and again /health says so (120000)'),
  ).action((options: StreamOptions) => runWorker(options, terminal));
  withPlace(
    program
      .command('relay')
      .summary('publish rated usage, cases and lines to Kafka, until it is told to stop')
      .description('Start more of them, and they share the work. What is published: docs/reference/events.md.')
      .option('--brokers <list>', 'host:port of brokers, with commas between; by default KAFKA_BROKERS')
      .option('--usage-topic <name>', 'rated usage goes there (fairtally.usage)')
      .option('--event-topic <name>', 'events of cases and lines go there (fairtally.events)')
      .option('--metrics-port <port>', 'serve /metrics and /health here')
      .option('--metrics-host <address>', 'listen for that on this address (127.0.0.1)'),
  ).action((options: StreamOptions) => runRelay(options, terminal));
  const topics = program.command('topics').summary('Kafka topics: create, positions, move');
  withPlace(
    withStreamOptions(topics.command('create'))
      .summary('make the topics that are missing')
      .option('--usage-topic <name>', 'rated usage goes there (fairtally.usage)')
      .option('--event-topic <name>', 'events of cases and lines go there (fairtally.events)')
      .option('--partitions <count>', 'partitions of each: 1, 2, 4, 8, 16, 32 or 64 (8)')
      .option('--replication <count>', 'copies of each (1)'),
  ).action((options: CreateTopicsOptions) => createTopics(options, terminal));
  withPlace(
    withStreamOptions(topics.command('positions')).summary('where the ledger stands in each partition, and its lag'),
  ).action((options: StreamOptions) => listPositions(options, terminal));
  withPlace(
    withStreamOptions(topics.command('move <topic> <partition>'))
      .summary('read a partition on from elsewhere: how a stopped one goes on')
      .requiredOption('--to <offset>', 'start, end, or an offset of its log')
      .requiredOption('--by <name>', 'who decides')
      .requiredOption('--note <text>', 'why'),
  ).action((topic: string, partition: string, options: MoveOptions) =>
    movePosition([topic, partition], options, terminal),
  );
}

/** Positions of sources that nothing explains. */
export function addHoles(program: Command, terminal: Terminal): void {
  const holes = program.command('holes').summary('positions of sources that nothing explains: list, settle');
  withPlace(holes.command('list').summary('what was passed and nothing explains, and what people settled')).action(
    (options: PlaceOptions) => listHoles(options, terminal),
  );
  withPlace(
    holes
      .command('settle <source> <partition>')
      .summary('say that a hole is explained: it is kept for good, and the alarm ends')
      .requiredOption('--hole <count>', `how large it is, as 'holes list' shows it`)
      .requiredOption('--by <name>', 'who decides')
      .requiredOption('--note <text>', 'what explains it, and what was done'),
  ).action((source: string, partition: string, options: SettleOptions) =>
    settle([source, partition], options, terminal),
  );
}
