import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { moveSource, readHoles, readSourceMoves } from '../../../ledger/index.ts';
import { messagesOf, numbers, StreamUnderTest, until } from './stream-under-test.ts';

let stream: StreamUnderTest;
beforeEach(async () => {
  stream = await StreamUnderTest.open({ partitions: 2 });
});
afterEach(() => stream.close());

/** Calls `[from, to)`, in a partition whatever their account. */
async function produceTo(partition: number, from: number, to: number): Promise<void> {
  await stream.produce(messagesOf(from, to), partition);
}

async function move(partition: number, from: number, to: number): Promise<void> {
  const source = `kafka:${stream.topic}`;
  await stream.db.transaction((tx) => moveSource(tx, { source, partition, from, to, by: 'operator', note: 'test' }));
}

/** The topic is another, with `calls[p]` calls in partition p. */
async function remake(calls: readonly [number, number]): Promise<void> {
  await stream.admin.deleteTopics({ topics: [stream.topic] });
  await until('the topic is gone', async () => !(await stream.admin.listTopics()).includes(stream.topic));
  await stream.createTopic(2);
  await produceTo(0, 40, 40 + calls[0]);
  await produceTo(1, 140, 140 + calls[1]);
}

describe('a topic that is deleted and made anew', () => {
  it('stops its partitions with an alarm, whatever their length, until somebody has moved them', async () => {
    await produceTo(0, 0, 20);
    await produceTo(1, 20, 40);
    const first = await stream.startWorker();
    await stream.taken();
    await first.stop();
    await remake([10, 25]);

    const { worker } = await stream.startWorker();
    await until('both partitions are stopped', () => worker.health.report().stopped.length === 2);
    const { topic } = stream;
    const alarm = { topic, reason: 'topic-made-anew', position: 20, logStart: 0 };
    expect(worker.health.report()).toEqual({
      isHealthy: true,
      reasons: [],
      stopped: [
        { ...alarm, partition: 0, logEnd: 10 },
        { ...alarm, partition: 1, logEnd: 25 },
      ],
    });
    expect(await worker.metrics.registry.metrics()).toContain(
      `fairtally_partition_stopped{topic="${topic}",partition="0",reason="topic-made-anew"} 1`,
    );
    expect(await stream.billed()).toEqual(numbers(0, 40));

    await move(0, 20, 0);
    await move(1, 20, 0);
    await stream.taken();
    await until('the alarms are over', () => worker.health.report().stopped.length === 0);
    expect(await worker.metrics.registry.metrics()).not.toContain('fairtally_partition_stopped{');
    expect(await stream.billed()).toEqual([...numbers(0, 50), ...numbers(140, 165)]);
    expect(await readSourceMoves(stream.db, `kafka:${topic}`)).toMatchObject([
      { partition: 0, from: 20, to: 0, by: 'operator', note: 'test' },
      { partition: 1, from: 20, to: 0, by: 'operator', note: 'test' },
    ]);
    expect(await readHoles(stream.db)).toEqual([]);
  });

  it('stops them also while the worker runs, before anything of the new topic is rated', async () => {
    const { worker } = await stream.startWorker();
    await produceTo(0, 0, 20);
    await produceTo(1, 20, 40);
    await stream.taken();
    await remake([30, 90]);
    await until('both partitions are stopped', () => worker.health.report().stopped.length === 2);
    expect(worker.health.report().stopped.map(({ reason }) => reason)).toEqual(['topic-made-anew', 'topic-made-anew']);
    expect(await stream.billed()).toEqual(numbers(0, 40));
    await move(0, 20, 0);
    await move(1, 20, 0);
    await stream.taken();
    expect(await stream.billed()).toEqual([...numbers(0, 70), ...numbers(140, 230)]);
    expect(await readHoles(stream.db)).toEqual([]);
  });
});

describe('a partition whose position lies after the end of its log', () => {
  it('is stopped with an alarm while others go on', async () => {
    await produceTo(0, 0, 20);
    await produceTo(1, 20, 40);
    const first = await stream.startWorker();
    await stream.taken();
    await first.stop();
    // As if the broker had lost the log's end.
    await stream.db.exec(`update source_position set position = 30, taken = 30 where partition = 0`);
    await produceTo(1, 40, 50);
    const { worker } = await stream.startWorker();
    await stream.taken([0]);
    await until('the partition is stopped', () => worker.health.report().stopped.length === 1);
    expect(worker.health.report().stopped).toMatchObject([
      { partition: 0, reason: 'position-beyond-end', position: 30, logStart: 0, logEnd: 20 },
    ]);
  });
});

describe('a partition whose position lies before the start of its log', () => {
  it('is stopped with an alarm at the assignment', async () => {
    await produceTo(0, 0, 20);
    const first = await stream.startWorker();
    await stream.taken();
    await first.stop();
    await produceTo(0, 20, 60);
    await deleteBefore(0, 50);
    const { worker } = await stream.startWorker();
    await until('the partition is stopped', () => worker.health.report().stopped.length === 1);
    expect(worker.health.report().stopped).toMatchObject([
      { partition: 0, reason: 'position-before-start', position: 20, logStart: 50, logEnd: 60 },
    ]);
    expect(await stream.billed()).toEqual(numbers(0, 20));
    await move(0, 20, 50);
    await stream.taken();
    expect(await stream.billed()).toEqual([...numbers(0, 20), ...numbers(50, 60)]);
  });

  it('is stopped with an alarm while it is read, rather than read on from the start as kafkajs would have it', async () => {
    const { worker } = await stream.startWorker();
    await produceTo(0, 0, 10);
    await stream.taken();
    // While the ledger can't be written to, the log loses more than a fetch has brought.
    await stream.db.exec(`create function refuse() returns trigger language plpgsql as $$ begin raise 'refused'; end $$;
                          create trigger refuse before insert on entry for each row execute function refuse()`);
    for (let from = 10; from < 3010; from += 100) await produceTo(0, from, from + 100);
    await until('a fetch has come', async () => (await worker.metrics.registry.metrics()).includes('lag_records'));
    await delay(1_000);
    await deleteBefore(0, 3000);
    // To drop the trigger would take a lock that the worker may hold against it.
    await stream.db.exec(`create or replace function refuse() returns trigger language plpgsql
                          as $$ begin return new; end $$`);
    await until('the partition is stopped', () => worker.health.report().stopped.length === 1);
    const [alarm] = worker.health.report().stopped;
    expect(alarm).toMatchObject({ partition: 0, reason: 'position-before-start', logStart: 3000, logEnd: 3010 });
    const position = (await stream.positions()).get(0) ?? 0;
    expect(alarm?.position).toBe(position);
    expect(await stream.billed()).toEqual(numbers(0, position));
  });
});

async function deleteBefore(partition: number, offset: number): Promise<void> {
  await stream.admin.deleteTopicRecords({ topic: stream.topic, partitions: [{ partition, offset: String(offset) }] });
}
