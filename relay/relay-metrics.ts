import { Counter, Gauge, Registry } from 'prom-client';
import type { Feed } from '../ledger/index.ts';

/** What a relay says of itself in Prometheus' terms; docs/reference/events.md explains each. */
export class RelayMetrics {
  readonly registry = new Registry();
  readonly #relayed = new Counter({
    name: 'fairtally_relayed_total',
    help: 'Entries and events told by this process, repetitions among them',
    labelNames: ['feed'],
    registers: [this.registry],
  });
  readonly #lag = new Gauge({
    name: 'fairtally_relay_lag',
    help: 'Entries and events of the whole ledger that are not told yet',
    labelNames: ['feed'],
    registers: [this.registry],
  });
  readonly #reconnects = new Counter({
    name: 'fairtally_reconnects_total',
    help: 'Times a lost server was tried again',
    labelNames: ['server'],
    registers: [this.registry],
  });

  constructor() {
    for (const feed of ['usage', 'event'] as const) this.#relayed.inc({ feed }, 0);
    for (const server of ['kafka', 'postgres'] as const) this.#reconnects.inc({ server }, 0);
  }

  relayed(feed: Feed, told: number): void {
    this.#relayed.inc({ feed }, told);
  }

  lags(untold: Readonly<Record<Feed, number>>): void {
    this.#lag.set({ feed: 'usage' }, untold.usage);
    this.#lag.set({ feed: 'event' }, untold.event);
  }

  reconnects(server: 'kafka' | 'postgres'): void {
    this.#reconnects.inc({ server });
  }
}
