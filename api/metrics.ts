import type { FastifyInstance } from 'fastify';
import { Histogram, Registry } from 'prom-client';
import { refuseKeysOfAccounts } from './authorise.ts';
import type { Database } from '../ledger/index.ts';
import { LedgerMetrics, MEASURED_EVERY_MS } from './ledger-metrics.ts';

/** What the API says of itself and of the ledger in Prometheus' terms; docs/operations.md explains each. */
export class ApiMetrics {
  readonly registry = new Registry();
  readonly #ledger: LedgerMetrics;
  readonly #requests = new Histogram({
    name: 'fairtally_http_request_seconds',
    help: 'Requests by route and status: until the answer was sent',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30],
    registers: [this.registry],
  });

  /**
   * @param now a clock in ms since the epoch
   * @param everyMs the ledger is asked this often at most
   */
  constructor(db: Database, now: () => number = Date.now, everyMs: number = MEASURED_EVERY_MS) {
    this.#ledger = new LedgerMetrics(db, this.registry, now, everyMs);
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

  /** All of it as Prometheus reads it; the ledger is asked every few seconds at most, however many ask. */
  async text(): Promise<string> {
    await this.#ledger.read();
    return this.registry.metrics();
  }
}

/** `/metrics`, and what they count. */
export function addMetrics(app: FastifyInstance, db: Database, now: () => number, everyMs?: number): void {
  const metrics = new ApiMetrics(db, now, everyMs);
  metrics.observe(app);
  app.get(
    '/metrics',
    { config: { scope: 'metrics:read', hasNoNumbers: true }, schema: { hide: true } },
    async (request, reply) => {
      refuseKeysOfAccounts(request);
      return reply.type(metrics.registry.contentType).send(await metrics.text());
    },
  );
}
