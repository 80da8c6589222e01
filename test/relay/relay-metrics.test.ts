import { expect, it } from 'vitest';
import { RelayMetrics } from '../../relay/relay-metrics.ts';

it('RelayMetrics says for how long nothing was told though something waits, and since when no turn went well', async () => {
  let now = 1_000_000;
  const metrics = new RelayMetrics(() => now);
  const valueOf = async (name: string, feed?: string): Promise<number | undefined> => {
    const metric = await metrics.registry.getSingleMetric(name)?.get();
    return metric?.values.find(({ labels }) => feed === undefined || labels['feed'] === feed)?.value;
  };
  now += 10_000;
  expect(await valueOf('fairtally_relay_idle_age_seconds', 'usage')).toBe(0);
  expect(await valueOf('fairtally_relay_turn_age_seconds')).toBe(10);
  metrics.turned();
  metrics.lags({ usage: 5, event: 0 });
  now += 4_000;
  expect(await valueOf('fairtally_relay_idle_age_seconds', 'usage')).toBe(14);
  expect(await valueOf('fairtally_relay_idle_age_seconds', 'event')).toBe(0);
  metrics.relayed('usage', 3);
  now += 1_000;
  expect(await valueOf('fairtally_relay_idle_age_seconds', 'usage')).toBe(1);
  now += 9_000;
  // Another relay has told some.
  metrics.lags({ usage: 2, event: 0 });
  expect(await valueOf('fairtally_relay_idle_age_seconds', 'usage')).toBe(0);
});
