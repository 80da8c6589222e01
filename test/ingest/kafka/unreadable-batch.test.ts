import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { moveSource } from '../../../ledger/index.ts';
import { runCommand } from '../../bin/run-command.ts';
import { damagingClient, whileDamaged } from '../../support/damaging-client.ts';
import { messagesOf, numbers, StreamUnderTest, until } from './stream-under-test.ts';

let stream: StreamUnderTest;
beforeEach(async () => {
  stream = await StreamUnderTest.open({ partitions: 3 });
});
afterEach(() => stream.close());

const MARK = Buffer.from('+33611000070'.padEnd(12));

describe('a batch that can not be read', () => {
  it('stops its partition, at its place, with an alarm, while others go on; a person passes over it, or it heals', async () => {
    for (const partition of [0, 1, 2])
      await stream.produce(messagesOf(100 * partition, 100 * partition + 5), partition);
    // Call 10 is to +33611000070: its batch comes damaged.
    await stream.produce(messagesOf(10, 12), 0);
    await stream.produce(messagesOf(12, 15), 0);
    const client = damagingClient(inject('kafkaBrokers'));
    client.damage(MARK);
    const { worker } = await stream.startWorker('workers', client.kafka);
    const report = () => worker.health.report();
    await until('the partition is stopped', () => report().stopped.length === 1);
    const alarm = {
      topic: stream.topic,
      partition: 0,
      reason: 'unreadable-batch',
      position: 5,
      logStart: 0,
      logEnd: 10,
    };
    expect(report()).toEqual({ isHealthy: true, reasons: [], stopped: [alarm] });
    expect(await worker.metrics.registry.metrics()).toContain(
      `fairtally_partition_stopped{topic="${stream.topic}",partition="0",reason="unreadable-batch"} 1`,
    );

    await stream.produce(
      messagesOf(105, 300).filter((_, index) => index < 95),
      1,
    );
    await stream.taken([0]);
    expect((await stream.positions()).get(0)).toBe(5);
    expect(report().stopped).toEqual([alarm]);

    const source = `kafka:${stream.topic}`;
    const move = { source, partition: 0, from: 5, to: 7, by: 'operator', note: 'batch 5 to 6 is damaged' };
    await stream.db.transaction((tx) => moveSource(tx, move));
    await stream.taken();
    await until('the alarm is over', () => report().stopped.length === 0);
    expect(await stream.billed()).toEqual([
      ...numbers(0, 5),
      ...numbers(12, 15),
      ...numbers(100, 200),
      ...numbers(200, 205),
    ]);

    await stream.produce(messagesOf(10, 11), 2);
    await until('the partition is stopped', () => report().stopped.length === 1);
    client.damage(null);
    await stream.taken();
    await until('the alarm is over', () => report().stopped.length === 0);
    expect((await stream.billed()).includes(10)).toBe(true);
    expect(await worker.metrics.registry.metrics()).not.toContain('fairtally_partition_stopped{');
  });

  it('is named by topics positions, whether a worker runs or not, and as long as it is there', async () => {
    await stream.produce(messagesOf(0, 5), 0);
    await stream.produce(messagesOf(100, 103), 1);
    const { stop } = await stream.startWorker();
    await stream.taken();
    await stop();
    await stream.produce(messagesOf(10, 12), 0);
    await stream.produce(messagesOf(103, 104), 1);
    await stream.produce(messagesOf(200, 201), 2);

    const damaged = await whileDamaged(MARK, () => positionsCommand());
    expect(damaged).toContain(
      '  stopped: partition 0: Cannot read the batch at 5, which ends before 7: its checksum is wrong\n',
    );
    expect(damaged.match(/unreadable-batch/g)).toHaveLength(1);
    expect(statesIn(await positionsCommand())).toEqual(['ok', 'ok', 'nothing taken in yet']);
  });
});

async function positionsCommand(): Promise<string> {
  const env = { DATABASE_URL: stream.url, KAFKA_BROKERS: inject('kafkaBrokers') };
  const { stdout, stderr } = await runCommand('/', ['topics', 'positions', '--topic', stream.topic], { env });
  expect(stderr).toBe('');
  return stdout;
}

/** The last column of the table. */
function statesIn(stdout: string): (string | undefined)[] {
  return [...stdout.matchAll(/^ *\d+ .*$/gm)].map(([row]) => row.split('  ').at(-1));
}
