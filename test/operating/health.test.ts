import { describe, expect, it } from 'vitest';
import { DatabaseError } from '../../ledger/index.ts';
import { WorkerHealth } from '../../operating/health.ts';

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

  it('is unhealthy while something has failed for longer than it may, and says what and by which code', () => {
    let now = 1_000_000;
    const health = new WorkerHealth([], () => now, 60_000);
    const refused = new DatabaseError('a number', { code: 'check-violation' });
    health.fails('take cdr/3 from 17 to 42', new Error('0612345678'));
    now += 60_000;
    health.fails('take cdr/3 from 17 to 42', refused);
    expect(health.report()).toMatchObject({ isHealthy: true, reasons: [] });
    now += 1_000;
    expect(health.report()).toMatchObject({
      isHealthy: false,
      reasons: [`Cannot take cdr/3 from 17 to 42: it has failed for 61 s, last by 'check-violation'`],
    });
    health.failsNoMore('take cdr/3 from 17 to 42');
    expect(health.report()).toMatchObject({ isHealthy: true, reasons: [] });
    health.fails('take cdr/3 from 17 to 42', refused);
    expect(health.report()).toMatchObject({ isHealthy: true });
  });
});
