import { describe, expect, it } from 'vitest';
import { WorkerHealth } from '../../../ingest/kafka/worker-health.ts';

describe('WorkerHealth', () => {
  it('is healthy while every connection was heard of in the last 30 s', () => {
    let now = 1_000_000;
    const health = new WorkerHealth(['Kafka', 'PostgreSQL'], () => now);
    expect(health.report()).toMatchObject({
      isHealthy: false,
      reasons: ['Kafka: no answer for 30 s', 'PostgreSQL: no answer for 30 s'],
    });
    health.heardOf('Kafka');
    health.heardOf('PostgreSQL');
    now += 30_000;
    expect(health.report()).toMatchObject({ isHealthy: true, reasons: [] });
    health.heardOf('Kafka');
    now += 1;
    expect(health.report()).toMatchObject({ isHealthy: false, reasons: ['PostgreSQL: no answer for 30 s'] });
  });
});
