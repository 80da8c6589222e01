import { Counter, Gauge, Registry } from 'prom-client';
import type { Feed } from '../ledger/index.ts';

const FEEDS = ['usage', 'event'] as const;

/** What a relay says of itself in Prometheus' terms; docs/reference/events.md explains each. */
export class RelayMetrics {
  readonly registry = new Registry();
  readonly #relayed = new Counter({
    name: 'fairtally_relayed_total',
    help: 'Entries and events published by this process, repetitions among them',
    labelNames: ['feed'],
    registers: [this.registry],
  });
  readonly #lag = new Gauge({
    name: 'fairtally_relay_lag',
    help: 'Entries and events of the whole ledger that are not published yet',
    labelNames: ['feed'],
    registers: [this.registry],
  });
  readonly #reconnects = new Counter({
    name: 'fairtally_reconnects_total',
    help: 'Times a lost server was tried again',
    labelNames: ['server'],
    registers: [this.registry],
  });

  readonly #unpublished: Record<Feed, number> = { usage: 0, event: 0 };
  /** When something of a feed was last published, by whomever, or nothing was left to publish; ms since the epoch. */
  readonly #wentOnAt: Record<Feed, number>;
  #turnedAt: number;
  readonly #now: () => number;
  readonly #toldAge: Gauge = new Gauge({
    name: 'fairtally_relay_idle_age_seconds',
    help: 'For how long nothing was published though something waits; 0 while nothing waits',
    labelNames: ['feed'],
    registers: [this.registry],
    collect: () => {
      for (const feed of FEEDS) {
        const age = this.#unpublished[feed] === 0 ? 0 : Math.max(0, this.#now() - this.#wentOnAt[feed]) / 1000;
        this.#toldAge.set({ feed }, age);
      }
    },
  });
  readonly #turnAge: Gauge = new Gauge({
    name: 'fairtally_relay_turn_age_seconds',
    help: 'How long ago the relay last looked for something to publish, and failed in nothing',
    registers: [this.registry],
    collect: () => this.#turnAge.set(Math.max(0, this.#now() - this.#turnedAt) / 1000),
  });

  /** @param now a clock in ms since the epoch */
  constructor(now: () => number = Date.now) {
    this.#now = now;
    this.#turnedAt = now();
    this.#wentOnAt = { usage: now(), event: now() };
    for (const feed of FEEDS) this.#relayed.inc({ feed }, 0);
    for (const server of ['kafka', 'postgres'] as const) this.#reconnects.inc({ server }, 0);
  }

  relayed(feed: Feed, count: number): void {
    this.#relayed.inc({ feed }, count);
    if (count > 0) this.#wentOnAt[feed] = this.#now();
  }

  /** A turn has ended well: what there was to publish, and was not with another relay, is published. */
  turned(): void {
    this.#turnedAt = this.#now();
  }

  lags(unpublished: Readonly<Record<Feed, number>>): void {
    for (const feed of FEEDS) {
      this.#lag.set({ feed }, unpublished[feed]);
      if (unpublished[feed] === 0 || unpublished[feed] < this.#unpublished[feed]) this.#wentOnAt[feed] = this.#now();
      this.#unpublished[feed] = unpublished[feed];
    }
  }

  reconnects(server: 'kafka' | 'postgres'): void {
    this.#reconnects.inc({ server });
  }
}
