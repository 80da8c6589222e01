import type { FastifyInstance } from 'fastify';
import pino from 'pino';
import { buildServer } from '../../api/index.ts';
import { readDefaultOffer } from '../../bin/set-up-ledger.ts';
import type { Database } from '../../ledger/index.ts';
import type { Line } from '../../rater/index.ts';
import type { Offer } from '../../rules/index.ts';
import { createApiKey, type LedgerAccess, SCOPES, type Scope } from '../../services/index.ts';
import { deckOf, lineOf } from '../services/small-ledger.ts';
import { LedgerUnderTest, plan } from '../support/ledger-under-test.ts';
import { type DatabaseKind, openTestDatabase } from '../support/test-database.ts';

/** What came over the wire, of whatever shape: what is expected of it a test says. */
export type Loose = ReturnType<typeof JSON.parse>;

/** An answer as it came over the wire. */
export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
  readonly headers: Headers;
  /** The body, read as JSON. */
  readonly json: Loose;
}

export interface AskOptions {
  readonly key?: string;
  readonly body?: unknown;
  readonly accept?: string;
}

/** A server on a ledger of its own, asked over HTTP. */
export class ApiUnderTest {
  readonly db: Database;
  readonly ledger: LedgerUnderTest;
  readonly access: LedgerAccess;
  readonly #app: FastifyInstance;
  readonly origin: string;
  /** May everything. */
  readonly key: string;

  private constructor(ledger: LedgerUnderTest, app: FastifyInstance, origin: string, key: string) {
    this.ledger = ledger;
    this.db = ledger.db;
    this.access = { db: ledger.db, plan, engine: ledger.engine };
    this.#app = app;
    this.origin = origin;
    this.key = key;
  }

  /** Lines `L1`, `L2` and `L3`, each its own account, under an offer, the default one, priced by `deckOf('first')`. */
  static async open(
    kind: DatabaseKind,
    offer: Offer = readDefaultOffer(plan),
    now: () => number = Date.now,
  ): Promise<ApiUnderTest> {
    const own = (id: string, number: number): Line => {
      const line = lineOf(id, number);
      return { ...line, spans: line.spans.map((span) => ({ ...span, offer: offer.id })) };
    };
    const ledger = await LedgerUnderTest.on(await openTestDatabase(kind), [offer], deckOf('first'));
    await ledger.provision([own('L1', 33_140_000_001), own('L2', 33_140_000_002), own('L3', 33_140_000_003)]);
    const access = { db: ledger.db, plan, engine: ledger.engine };
    const app = await buildServer({ ledger: access, log: pino({ level: 'silent' }), version: 'test', now });
    const origin = await app.listen({ host: '127.0.0.1', port: 0 });
    return new ApiUnderTest(ledger, app, origin, await keyOf(ledger.db, SCOPES));
  }

  /** A key with these rights, of one account where it is given. */
  keyFor(scopes: readonly Scope[], account?: string, name = 'test'): Promise<string> {
    return keyOf(this.db, scopes, account, name);
  }

  async ask(method: string, path: string, { key = this.key, body, accept }: AskOptions = {}): Promise<Answer> {
    const response = await fetch(`${this.origin}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(accept === undefined ? {} : { accept }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const type = response.headers.get('content-type') ?? '';
    const json: unknown = /json\b/.test(type) && !/ndjson/.test(type) ? JSON.parse(text) : null;
    return { status: response.status, type, text, headers: response.headers, json };
  }

  get(path: string, options: AskOptions = {}): Promise<Answer> {
    return this.ask('GET', path, options);
  }

  /** The names of the routes that the document has: `GET /v1/usage`. */
  async routes(): Promise<string[]> {
    const { json } = await this.get('/openapi.json');
    return Object.entries<Record<string, unknown>>(json.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
  }

  async close(): Promise<void> {
    await this.#app.close();
    await this.db.close();
  }
}

async function keyOf(db: Database, scopes: readonly Scope[], account?: string, name = 'test'): Promise<string> {
  const made = await createApiKey(db, { name, scopes, account, by: 'test' });
  if (made.kind === 'refused') throw new Error(made.code);
  return made.key;
}
