import type { FastifyInstance } from 'fastify';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { type Database, countWaiting, entriesByCoverage, feedEnd, ledgerMeasures } from '../ledger/index.ts';

const MICROS = 1_000_000;

/** What the API says of itself and of the ledger in Prometheus' terms; docs/operations.md explains each. */
export class ApiMetrics {
  readonly registry = new Registry();
  readonly #db: Database;
  readonly #requests = new Histogram({
    name: 'fairtally_http_request_seconds',
    help: 'Requests by route and status: until the answer was sent',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30],
    registers: [this.registry],
  });
  readonly #entries = new Counter({
    name: 'fairtally_entries_total',
    help: 'Entries of the feed since this process began, by coverage',
    labelNames: ['coverage'],
    registers: [this.registry],
  });
  readonly #waiting = new Gauge({
    name: 'fairtally_quarantine_waiting',
    help: 'Records that wait in quarantine, in the whole ledger',
    labelNames: ['reason'],
    registers: [this.registry],
  });
  readonly #cases = new Gauge({
    name: 'fairtally_cases_open',
    help: 'Cases that wait for a decision',
    registers: [this.registry],
  });
  readonly #atStake = new Gauge({
    name: 'fairtally_money_at_stake',
    help: 'What open cases come to if they are confirmed, in the currency of the decks',
    registers: [this.registry],
  });
  readonly #deliveries = new Gauge({
    name: 'fairtally_webhook_deliveries',
    help: 'Deliveries to webhooks that are due, or were given up',
    labelNames: ['state'],
    registers: [this.registry],
  });
  readonly #disabled = new Gauge({
    name: 'fairtally_webhooks_disabled',
    help: 'Webhooks that are told nothing more',
    registers: [this.registry],
  });
  #counted: readonly number[] | null = null;
  #reading: Promise<void> | null = null;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Counts the requests that `app` answers, each under its route: what was asked of it stands in no label. */
  observe(app: FastifyInstance): void {
    app.addHook('onResponse', async (request, reply) => {
      const route = request.is404 ? 'none' : (request.routeOptions.url ?? 'none');
      this.#requests.observe(
        { method: request.method, route, status: String(reply.statusCode) },
        reply.elapsedTime / 1000,
      );
    });
  }

  /** All of it as Prometheus reads it; the ledger is asked once, however many ask at once. */
  async text(): Promise<string> {
    this.#reading ??= this.#read().finally(() => (this.#reading = null));
    await this.#reading;
    return this.registry.metrics();
  }

  async #read(): Promise<void> {
    const { positions } = await feedEnd(this.#db);
    for (const { coverage, entries } of await entriesByCoverage(this.#db, this.#counted ?? positions, positions)) {
      this.#entries.inc({ coverage }, entries);
    }
    this.#counted = positions;
    this.#waiting.reset();
    for (const { reason, records } of await countWaiting(this.#db)) this.#waiting.set({ reason }, records);
    const measures = await ledgerMeasures(this.#db);
    this.#cases.set(measures.openCases);
    this.#atStake.set(measures.atStake / MICROS);
    this.#deliveries.set({ state: 'due' }, measures.dueDeliveries);
    this.#deliveries.set({ state: 'given-up' }, measures.givenUpDeliveries);
    this.#disabled.set(measures.disabledWebhooks);
  }
}

/** `/metrics`, and what they count. */
export function addMetrics(app: FastifyInstance, db: Database): void {
  const metrics = new ApiMetrics(db);
  metrics.observe(app);
  app.get(
    '/metrics',
    { config: { scope: 'metrics:read', hasNoNumbers: true }, schema: { hide: true } },
    async (_, reply) => reply.type(metrics.registry.contentType).send(await metrics.text()),
  );
}
