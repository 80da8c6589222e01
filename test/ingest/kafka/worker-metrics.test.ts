import { describe, expect, it } from 'vitest';
import { WorkerMetrics } from '../../../ingest/kafka/worker-metrics.ts';

describe('gauges of the quarantine', () => {
  it('say how many records wait and how long the oldest has, and nothing of reasons for which none waits any more', async () => {
    const metrics = new WorkerMetrics();
    const seconds = async (reason: string): Promise<number> => {
      const text = await metrics.registry.getSingleMetricAsString('fairtally_quarantine_oldest_seconds');
      return Number(new RegExp(`{reason="${reason}"} (.*)`).exec(text)?.[1]);
    };
    metrics.quarantineWaits([
      { reason: 'no-rate', records: 2, oldestAt: Date.now() - 5_000_000 },
      { reason: 'too-long', records: 1, oldestAt: Date.now() + 60_000 },
    ]);
    expect(await metrics.registry.metrics()).toContain('fairtally_quarantine_waiting{reason="no-rate"} 2');
    expect(await seconds('no-rate')).toBeGreaterThanOrEqual(5_000);
    expect(await seconds('no-rate')).toBeLessThan(5_060);
    // The database's clock may be ahead of ours.
    expect(await seconds('too-long')).toBe(0);
    metrics.quarantineWaits([{ reason: 'too-long', records: 1, oldestAt: 0 }]);
    expect(await seconds('no-rate')).toBeNaN();
    expect(await metrics.registry.metrics()).not.toContain('no-rate');
  });
});
