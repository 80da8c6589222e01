import { randomUUID } from 'node:crypto';
import { describe, expect, inject, it } from 'vitest';
import { consume, createTopic, produce } from './kafka-client.ts';
import { startKafka } from './kafka.ts';
import { ownServerWays } from './servers/server-ways.ts';

/** A broker takes its time to start, and this one starts three times. */
const THRICE = { timeout: 180_000 };

describe('the broker that all test files share', () => {
  it('gives back what was produced', async () => {
    const address = inject('kafkaBrokers');
    const topic = randomUUID();
    await createTopic(address, topic);
    await produce(address, topic, ['first', 'second']);
    expect(await consume(address, topic, 2)).toEqual(['first', 'second']);
  });
});

describe('startKafka() for a test of its own', () => {
  it('starts a broker that is found with its data after it was killed, and after it was stopped', THRICE, async () => {
    const server = await startKafka({ ways: ownServerWays() });
    try {
      await createTopic(server.address, 'calls');
      await produce(server.address, 'calls', ['before']);
      await server.kill();
      expect(server.pids).toEqual([]);
      await server.start();
      await produce(server.address, 'calls', ['after kill']);
      await server.stop();
      await server.start();
      await produce(server.address, 'calls', ['after stop']);
      expect(await consume(server.address, 'calls', 3)).toEqual(['before', 'after kill', 'after stop']);
    } finally {
      await server.close();
    }
  });
});
