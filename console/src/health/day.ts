/** What this browser saw of the day: kept on this machine, since the ledger keeps no such thing. */
export interface Seen {
  /** ms since the epoch. */
  readonly at: number;
  /** Decimal money at stake on open cases. */
  readonly atStake: string;
  readonly cases: number;
}

const NAME = 'fairtally.day';
const DAY_MS = 86_400_000;
/** Two that follow one another in less are one. */
const APART_MS = 300_000;

export function seenToday(now = Date.now()): readonly Seen[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(NAME) ?? '[]');
    return Array.isArray(kept) ? (kept as Seen[]).filter(({ at }) => at > now - DAY_MS && at <= now) : [];
  } catch {
    return [];
  }
}

/** Notes what is at stake now. */
export function noteSeen({ atStake, cases }: Omit<Seen, 'at'>, now = Date.now()): void {
  const before = seenToday(now);
  const last = before.at(-1);
  const others = last !== undefined && before.length > 1 && now - last.at < APART_MS ? before.slice(0, -1) : before;
  localStorage.setItem(NAME, JSON.stringify([...others, { at: now, atStake, cases }]));
}

/** How many records came a minute between two counts; `null`: they say nothing of it. */
export function perMinute(
  before: { readonly at: number; readonly records: number } | null,
  now: { readonly at: number; readonly records: number },
): number | null {
  if (before === null || now.at - before.at < 5_000) return null;
  return Math.max(0, (now.records - before.records) / ((now.at - before.at) / 60_000));
}
