import { Gauge, type Registry } from 'prom-client';
import type { HealthReport } from './health.ts';

/** Has `/metrics` say what `/health` says, for alerts. */
export function addHealthGauge(registry: Registry, report: () => HealthReport): void {
  const gauge: Gauge = new Gauge({
    name: 'fairtally_healthy',
    help: '1 while /health answers 200',
    registers: [registry],
    collect: () => gauge.set(report().isHealthy ? 1 : 0),
  });
}
