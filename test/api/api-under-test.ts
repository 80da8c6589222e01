import { pino } from 'pino';
import { buildServer } from '../../api/index.ts';
import { readDefaultOffer } from '../../bin/set-up-ledger.ts';
import type { Database } from '../../ledger/index.ts';
import type { Line } from '../../rater/index.ts';
import type { Offer } from '../../rules/index.ts';
import { createApiKey, type LedgerAccess, SCOPES } from '../../services/index.ts';
import { deckOf, lineOf } from '../services/small-ledger.ts';
import { LedgerUnderTest, plan } from '../support/ledger-under-test.ts';
import { type DatabaseKind, openTestDatabase } from '../support/test-database.ts';

/** What came back: its status, headers, and its body where that is JSON. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: unknown;
}

/** The API on a ledger of its own, listening on a port, and asked over HTTP. */
export class ApiUnderTest {
  readonly url: string;
  readonly ledger: LedgerUnderTest;
  readonly access: LedgerAccess;
  readonly key: string;
  readonly #close: () => Promise<void>;

  private constructor(
    url: string,
    ledger: LedgerUnderTest,
    access: LedgerAccess,
    key: string,
    close: () => Promise<void>,
  ) {
    this.url = url;
    this.ledger = ledger;
    this.access = access;
    this.key = key;
    this.#close = close;
  }

  /** With the default offer, a small deck, and lines `L1` and `L2` with a number each. */
  static async open(
    kind: DatabaseKind,
    lines: readonly Line[] = LINES,
    offers: readonly Offer[] = [readDefaultOffer(plan)],
  ): Promise<ApiUnderTest> {
    const db = await openTestDatabase(kind);
    const ledger = await LedgerUnderTest.on(db, offers, deckOf('first'));
    await ledger.provision(lines);
    const access = { db, plan, engine: ledger.engine };
    const app = await buildServer({ ledger: access, log: pino({ level: 'silent' }), version: 'test' });
    await app.listen({ host: '127.0.0.1', port: 0 });
    const key = await keyOf(db, SCOPES);
    return new ApiUnderTest(app.listeningOrigin, ledger, access, key, async () => {
      await app.close();
      await db.close();
    });
  }

  close(): Promise<void> {
    return this.#close();
  }

  /** Asks with the key that may do everything; `body` goes as JSON unless it is text or bytes. */
  async ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const isRaw = typeof body === 'string' || body instanceof Uint8Array;
    const response = await fetch(this.url + path, {
      method,
      headers: {
        authorization: `Bearer ${this.key}`,
        ...(body === undefined || isRaw ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined
        ? {}
        : { body: isRaw ? (body as string | Uint8Array<ArrayBuffer>) : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson =
      /json/.test(response.headers.get('content-type') ?? '') &&
      !/ndjson/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : null };
  }
}

const LINES = [lineOf('L1', 33_140_000_001), lineOf('L2', 33_140_000_002)];

/** A new key that allows these scopes. */
export async function keyOf(db: Database, scopes: readonly string[], account?: string): Promise<string> {
  const made = await createApiKey(db, { name: 'test', scopes, account, by: 'test' });
  if (made.kind === 'refused') throw new Error(made.code);
  return made.key;
}
