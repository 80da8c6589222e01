import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { type KafkaServer, startKafka } from '../../support/kafka.ts';
import { runOn, withDatabase } from '../../support/postgres.ts';
import { messagesOf, numbers, type RunningWorker, StreamUnderTest, until } from './stream-under-test.ts';

let stream: StreamUnderTest;
let broker: KafkaServer | undefined;
afterEach(async () => {
  await stream.close();
  await broker?.close();
});

describe('a worker whose database goes away', () => {
  it('keeps its partitions, tries for as long as it takes, and neither skips nor repeats a record', async () => {
    stream = await StreamUnderTest.open();
    const running = await stream.startWorker();
    await stream.produce(messagesOf(0, 200));
    await stream.taken();
    await shutDatabase();
    await stream.produce(messagesOf(200, 600));
    // Longer than the group waits for a member that is silent.
    await delay(8_000);
    await openDatabaseAgain();
    await stream.taken();
    expect(await stream.billed()).toEqual(numbers(0, 600));
    expect(await stream.counts()).toEqual({ received: 600, rated: 600 });
    expect(await metric(running, 'fairtally_reconnects_total{server="kafka"}')).toBe(0);
  });
});

describe('a worker whose broker goes away', () => {
  it('joins again when it is back, and goes on where the ledger stands', async () => {
    broker = await startKafka({ ways: ['local', 'containers'] });
    stream = await StreamUnderTest.open({ brokers: broker.address });
    const running = await stream.startWorker();
    await stream.produce(messagesOf(0, 200));
    await stream.taken();
    await broker.kill();
    await until(
      'the failure is counted',
      async () => (await metric(running, 'fairtally_reconnects_total{server="kafka"}')) > 0,
    );
    await broker.start();
    await stream.produce(messagesOf(200, 400));
    await stream.taken();
    expect(await stream.billed()).toEqual(numbers(0, 400));
    expect(await stream.counts()).toEqual({ received: 400, rated: 400 });
    expect(running.worker.health.report()).toMatchObject({ isHealthy: true });
  }, 180_000);
});

/** What every worker sees of a server that is stopped: its connections break, and no other is let in. */
async function shutDatabase(): Promise<void> {
  const { server, name } = databaseOf();
  await runOn(server, `alter database ${name} with allow_connections false`);
  await runOn(server, `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`);
}

async function openDatabaseAgain(): Promise<void> {
  const { server, name } = databaseOf();
  await runOn(server, `alter database ${name} with allow_connections true`);
}

function databaseOf(): { readonly server: string; readonly name: string } {
  return { server: withDatabase(stream.url, 'postgres'), name: new URL(stream.url).pathname.slice(1) };
}

async function metric({ worker }: RunningWorker, name: string): Promise<number> {
  const line = (await worker.metrics.registry.metrics()).split('\n').find((text) => text.startsWith(name));
  return Number(line?.split(' ').at(-1) ?? 0);
}
