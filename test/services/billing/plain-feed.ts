import type { Database } from '../../../ledger/index.ts';
import { type UsageFilter, streamUsage } from '../../../services/index.ts';

/** An entry as the ledger's view for people has it, whose text PostgreSQL makes. */
interface ShownEntry {
  readonly bucket: number;
  readonly position: number;
  readonly period: number;
  readonly billed_period: number;
  readonly account: string;
  readonly line: string;
  readonly identity: string;
  readonly revision: number;
  readonly kind: string;
  readonly started_at: number;
  readonly duration_ms: number;
  readonly called: string;
  readonly destination: string;
  readonly coverage: string | null;
  readonly coverage_before: string | null;
  readonly reason: string;
  readonly billed_seconds: number;
  readonly charge: string;
  readonly metered_price: string;
  readonly currency: string;
  readonly rate_deck: string;
  readonly offer: string | null;
  readonly cdr: string | null;
}

/** The plain way: each entry an object, and its JSON as `JSON.stringify` writes it. */
export async function plainLines(db: Database): Promise<string[]> {
  const entries = await db.query<ShownEntry>(
    `select bucket, position::float8 as position, period, billed_period, account, line,
            lpad(to_hex(identity), 16, '0') as identity, revision, kind, started_at, duration_ms, called, destination,
            coverage, coverage_before, reason, billed_seconds, charge::text as charge,
            metered_price::text as metered_price, currency, rate_deck, offer, cdr
     from ledger_entry order by bucket, position`,
  );
  return entries.map((entry) =>
    JSON.stringify({
      account: entry.account,
      line: entry.line,
      bucket: entry.bucket,
      position: entry.position,
      call: entry.identity,
      revision: entry.revision,
      kind: entry.kind,
      period: monthOf(entry.period),
      billedPeriod: monthOf(entry.billed_period),
      startedAt: new Date(entry.started_at).toISOString(),
      durationMs: entry.duration_ms,
      called: entry.called,
      destination: entry.destination,
      coverage: entry.coverage,
      reason: entry.reason,
      billedSeconds: entry.billed_seconds,
      charge: entry.charge,
      meteredPrice: entry.metered_price,
      currency: entry.currency,
      rateDeck: entry.rate_deck,
      offer: entry.offer,
      ...(entry.kind === 'usage'
        ? { record: JSON.parse(entry.cdr ?? 'null') as unknown }
        : { corrects: { revision: entry.revision - 1, coverage: entry.coverage_before } }),
    }),
  );
}

function monthOf(period: number): string {
  return `${Math.floor(period / 100)}-${String(period % 100).padStart(2, '0')}`;
}

/** All pieces of a stream, and where it ended. */
export async function streamed(db: Database, after: string | null, filter: UsageFilter = {}) {
  const stream = await streamUsage(db, after, filter);
  if (stream.kind === 'refused') throw new Error(stream.code);
  const pieces: Buffer[] = [];
  for (;;) {
    const next = await stream.pieces.next();
    if (next.done === true) return { pieces, end: next.value };
    pieces.push(next.value);
  }
}

export function linesOf(pieces: readonly Buffer[]): string[] {
  return Buffer.concat(pieces).toString().split('\n').slice(0, -1);
}
