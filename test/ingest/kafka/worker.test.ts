import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Partitioners } from 'kafkajs';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { readHoles } from '../../../ledger/index.ts';
import { kafkaClient } from '../../support/kafka-client.ts';
import { type KeyedValue, messagesOf, numbers, recordOf, StreamUnderTest, until } from './stream-under-test.ts';

let stream: StreamUnderTest;
beforeEach(async () => {
  stream = await StreamUnderTest.open();
});
afterEach(() => stream.close());

describe('Worker', () => {
  it('rates every record once, and goes on where the ledger stands, whatever the group in Kafka says', async () => {
    await stream.produce(messagesOf(0, 250));
    const first = await stream.startWorker('first');
    await stream.taken();
    await first.stop();
    await stream.produce(messagesOf(200, 400));
    await stream.startWorker('a group that Kafka knows nothing of');
    await stream.taken();
    expect(await stream.billed()).toEqual(numbers(0, 400));
    expect(await stream.counts()).toEqual({ received: 450, rated: 400, duplicate: 50 });
  });

  it('shares the partitions with others, and no record is taken twice or skipped as they come and go', async () => {
    const first = await stream.startWorker();
    await stream.produce(messagesOf(0, 300));
    await stream.startWorker();
    for (let from = 300; from < 900; from += 100) await stream.produce(messagesOf(from, from + 100));
    await first.stop();
    await stream.produce(messagesOf(900, 1000));
    await stream.startWorker();
    await stream.produce(messagesOf(1000, 1200));
    await stream.taken();
    expect(await stream.billed()).toEqual(numbers(0, 1200));
    expect(await stream.counts()).toEqual({ received: 1200, rated: 1200 });
  });

  it('commits nothing of a partition that another worker has moved on, though both believe that it is theirs', async () => {
    await stream.startWorker('one');
    await stream.startWorker('other');
    for (let from = 0; from < 1000; from += 100) await stream.produce(messagesOf(from, from + 100));
    await stream.taken();
    expect(await stream.billed()).toEqual(numbers(0, 1000));
    expect(await stream.counts()).toEqual({ received: 1000, rated: 1000 });
  });

  it('takes many records a message, and sets aside what can not be read without stopping', async () => {
    const key = 'A0';
    await stream.produce([
      { key, value: `${recordOf(0)}\n${recordOf(16)}\r\n\n${recordOf(32)}` },
      { key, value: null },
      { key, value: '' },
      { key, value: ' \n' },
      { key, value: Buffer.from([0, 255, 254, 10, 123]) },
      { key, value: 'x'.repeat(600_000) },
      { key, value: recordOf(48, { line: 'nobody' }) },
      { key, value: recordOf(64) },
    ]);
    const { worker } = await stream.startWorker();
    await stream.taken();
    expect(await stream.billed()).toEqual([0, 16, 32, 64]);
    expect(await stream.counts()).toMatchObject({ rated: 4, 'quarantined unknown-line': 1 });
    const kept = await stream.db.query<{ reason: string; position: bigint; item: number }>(
      `select reason, position, item from quarantine where source = 'kafka:${stream.topic}' order by position, item`,
    );
    expect(kept.map(({ position, item }) => `${position}.${item}`)).toEqual(['4.0', '4.1', '5.0', '6.0']);
    const metrics = await worker.metrics.registry.metrics();
    expect(metrics).toContain(`fairtally_empty_messages_total{topic="${stream.topic}"} 2`);
    expect(metrics).toContain(`fairtally_records_total{topic="${stream.topic}",outcome="rated"} 4`);
  });

  it('rates by itself what waited for a line, once the line is there', async () => {
    await stream.produce([{ key: 'A0', value: recordOf(0, { line: 'late' }) }]);
    await stream.startWorker();
    await stream.taken();
    expect(await stream.billed()).toEqual([]);
    await stream.provision('late', 'A0');
    await until('the call is rated', async () => (await stream.billed()).length === 1);
  });

  it('sets one record aside that makes the database refuse, and rates those around it', async () => {
    await stream.db.exec(`alter table entry add constraint never check (called <> 33611000350)`);
    await stream.produce(messagesOf(0, 200));
    await stream.startWorker();
    await stream.taken();
    expect(await stream.billed()).toEqual(numbers(0, 200).filter((call) => call !== 50));
    expect(await stream.counts()).toMatchObject({ rated: 199, 'quarantined rating-failed': 1 });
  });

  it('sets that one aside alone also where a message holds many', async () => {
    await stream.db.exec(`alter table entry add constraint never check (called <> 33611000350)`);
    const many = numbers(40, 60).map((call) => recordOf(call));
    await stream.produce([
      { key: 'A0', value: many.join('\n') },
      { key: 'A0', value: recordOf(60) },
    ]);
    await stream.startWorker();
    await stream.taken();
    expect(await stream.billed()).toEqual(numbers(40, 61).filter((call) => call !== 50));
    const kept = await stream.db.query(`select reason, position::int, item from quarantine where state = 'waiting'`);
    expect(kept).toEqual([{ reason: 'rating-failed', position: 0, item: 10 }]);
    expect(await readHoles(stream.db)).toEqual([]);
  });

  it('is in the group no more once it has ended, at whatever moment of its beginning it was told to', async () => {
    for (const afterMs of [0, 15, 30, 60, 90, 150]) {
      const running = await stream.startWorker(`told after ${afterMs} ms`);
      await delay(afterMs);
      await running.stop();
    }
    // Long enough for a consumer that went on to have joined.
    await delay(2_000);
    const { groups } = await stream.admin.listGroups();
    const own = groups.map(({ groupId }) => groupId).filter((groupId) => groupId.startsWith(stream.topic));
    const described = own.length === 0 ? [] : (await stream.admin.describeGroups(own)).groups;
    expect(described.filter(({ members }) => members.length > 0)).toEqual([]);
  });

  it('reads on after transactions, whether they were committed or not', async () => {
    await stream.startWorker();
    for (let from = 0; from < 60; from += 10) {
      await inTransaction(stream.topic, messagesOf(from, from + 10), from % 20 === 0);
      const committed = 10 * (Math.floor(from / 20) + 1);
      await until('the transaction is seen', async () => (await stream.billed()).length === committed);
    }
    await stream.produce(messagesOf(100, 200));
    await stream.taken();
    expect(await stream.billed()).toEqual([
      ...numbers(0, 10),
      ...numbers(20, 30),
      ...numbers(40, 50),
      ...numbers(100, 200),
    ]);
    expect(await stream.counts()).toEqual({ received: 130, rated: 130 });
    expect(await readHoles(stream.db)).toEqual([]);
  });
});

/** Sends messages in a transaction of its own, and ends it one way or the other. */
async function inTransaction(topic: string, messages: readonly KeyedValue[], isCommitted: boolean): Promise<void> {
  const producer = kafkaClient(inject('kafkaBrokers')).producer({
    createPartitioner: Partitioners.DefaultPartitioner,
    transactionalId: randomUUID(),
    idempotent: true,
    maxInFlightRequests: 1,
  });
  await producer.connect();
  const transaction = await producer.transaction();
  await transaction.send({ topic, messages: [...messages] });
  await (isCommitted ? transaction.commit() : transaction.abort());
  await producer.disconnect();
}
