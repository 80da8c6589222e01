import { listLines, loadLines } from '../../ledger/index.ts';
import type { LedgerReading } from '../ledger-access.ts';
import { isoInstant } from '../as-data/values.ts';

/** A stretch of time, `[from, to)` in ms since the epoch; `to` is `Infinity` while open. */
interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** When what has these spans is in force: `from 2026-01-01T00:00:00.000Z to …, and from … on`, or `at no time`. */
export function inForceText(spans: readonly Stretch[]): string {
  const stretches: { from: number; to: number }[] = [];
  for (const { from, to } of spans.toSorted((a, b) => a.from - b.from)) {
    const last = stretches.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else stretches.push({ from, to });
  }
  const texts = stretches.map(({ from, to }) =>
    to === Infinity ? `from ${isoInstant(from)} on` : `from ${isoInstant(from)} to ${isoInstant(to)}`,
  );
  return texts.length === 0 ? 'at no time' : texts.join(', and ');
}

/** More lines than ever have one number, one after the other. */
const MOST_LINES = 100;

/**
 * When a line is in force that is named by its id or by a number, which several lines may have one after the other;
 * `null`: the ledger has none of that name.
 *
 * @param account the one account whose lines are looked at; `null`: all
 */
export async function spansOfNamed(
  { db, plan }: LedgerReading,
  name: string,
  account: string | null,
): Promise<readonly Stretch[] | null> {
  const byId = (await loadLines(db, { ids: [name] })).filter((line) => account === null || line.account === account);
  const classified = plan.classify(name);
  const number = classified.kind === 'number' ? classified.called : null;
  const listed =
    number === null ? [] : await listLines(db, { after: null, limit: MOST_LINES, account, number, ids: null });
  const byNumber = listed.length === 0 ? [] : await loadLines(db, { nos: listed.map(({ no }) => no) });
  const spans = [
    ...byId.flatMap((line) => line.spans),
    ...byNumber.flatMap((line) => line.spans.filter((span) => span.number === number)),
  ];
  return spans.length === 0 ? null : spans;
}
