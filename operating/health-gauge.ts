import type { Gauge, GaugeConfiguration } from 'prom-client';
import type { HealthReport } from './health.ts';

/** What a gauge is made of that has `/metrics` say what `/health` says, for alerts. */
export function healthGauge(report: () => HealthReport): GaugeConfiguration<string> {
  return {
    name: 'fairtally_healthy',
    help: '1 while /health answers 200',
    collect(this: Gauge) {
      this.set(report().isHealthy ? 1 : 0);
    },
  };
}
