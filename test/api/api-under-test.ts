import type { FastifyInstance } from 'fastify';
import pino from 'pino';
import { buildServer } from '../../api/index.ts';
import { readDefaultOffer } from '../../bin/set-up-ledger.ts';
import type { Mapping } from '../../formats/index.ts';
import type { Database } from '../../ledger/index.ts';
import type { Line } from '../../rater/index.ts';
import type { Offer } from '../../rules/index.ts';
import { createApiKey, type LedgerAccess, SCOPES, type Scope, type WebhookSettings } from '../../services/index.ts';
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
  /** JSON, unless it is text or bytes. */
  readonly body?: unknown;
  readonly accept?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface LedgerParts {
  readonly offers?: readonly Offer[];
  readonly lines?: readonly Line[];
  readonly now?: () => number;
  readonly webhooks?: WebhookSettings;
  readonly mappings?: ReadonlyMap<string, Mapping>;
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

  /**
   * Lines `L1`, `L2` and `L3`, each its own account, under the first offer, the default one, priced by
   * `deckOf('first')`; or the lines that are given.
   */
  static async open(
    kind: DatabaseKind,
    { offers = [readDefaultOffer(plan)], lines, now = Date.now, webhooks, mappings = new Map() }: LedgerParts = {},
  ): Promise<ApiUnderTest> {
    const own = (id: string, number: number): Line => {
      const line = lineOf(id, number);
      return { ...line, spans: line.spans.map((span) => ({ ...span, offer: offers[0]!.id })) };
    };
    const ledger = await LedgerUnderTest.on(await openTestDatabase(kind), offers, deckOf('first'));
    const usual = [own('L1', 33_140_000_001), own('L2', 33_140_000_002), own('L3', 33_140_000_003)];
    await ledger.provision(lines ?? usual);
    const access = { db: ledger.db, plan, engine: ledger.engine };
    const log = pino({ level: 'silent' });
    const parts = { ledger: access, log, version: 'test', now, webhooks: webhooks ?? null, mappings };
    const app = await buildServer(parts);
    const origin = await app.listen({ host: '127.0.0.1', port: 0 });
    return new ApiUnderTest(ledger, app, origin, await keyOf(ledger.db, SCOPES));
  }

  /** A key with these rights, of one account where it is given. */
  keyFor(scopes: readonly Scope[], account?: string, name = 'test'): Promise<string> {
    return keyOf(this.db, scopes, account, name);
  }

  async ask(method: string, path: string, { key = this.key, body, accept, headers }: AskOptions = {}): Promise<Answer> {
    const isRaw = typeof body === 'string' || body instanceof Uint8Array;
    const response = await fetch(`${this.origin}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(accept === undefined ? {} : { accept }),
        ...(body === undefined || isRaw ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined
        ? {}
        : { body: isRaw ? (body as string | Uint8Array<ArrayBuffer>) : JSON.stringify(body) }),
    });
    const text = await response.text();
    const type = response.headers.get('content-type') ?? '';
    const json: unknown = /json\b/.test(type) && !/ndjson/.test(type) ? JSON.parse(text) : null;
    return { status: response.status, type, text, headers: response.headers, json };
  }

  /** Asks with the key that may do everything. */
  send(method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.ask(method, path, { body, headers });
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

/** A new key that allows these scopes. */
export async function keyOf(db: Database, scopes: readonly Scope[], account?: string, name = 'test'): Promise<string> {
  const made = await createApiKey(db, { name, scopes, account, by: 'test' });
  if (made.kind === 'refused') throw new Error(made.code);
  return made.key;
}
