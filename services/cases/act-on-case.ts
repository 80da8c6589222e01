import {
  type CaseAct,
  type NumberedLine,
  type Queryable,
  addCaseAct,
  hasCase,
  loadLines,
  repeatUnlessInDoubt,
  repeatWhileCut,
} from '../../ledger/index.ts';
import type { LedgerAccess, LedgerReading } from '../ledger-access.ts';
import { ledgerCivilTime } from '../ledger-civil-time.ts';
import { type Refused, refusal, refused } from '../refusals.ts';
import { parsePeriod, showPeriod } from '../value-text.ts';

/** What is to be done to a case beside deciding. */
export type ActRequest = { readonly note?: string | undefined } & (
  | { readonly kind: 'assign'; readonly assignee: string | null }
  | { readonly kind: 'note'; readonly note: string }
  /** A day or an instant to come; `null`: now. */
  | { readonly kind: 'snooze'; readonly until: string | null }
);

/** A line's month. */
export interface CaseKey {
  readonly line: string;
  /** `2026-11`. */
  readonly period: string;
}

export interface ActedOn {
  readonly kind: 'acted';
}

const LONGEST_AHEAD_MS = 366 * 24 * 60 * 60 * 1000;

/** Keeps an act on a case, beside those before it: the history of the case shows all of them. */
export async function actOnCase(
  { db }: Pick<LedgerAccess, 'db'>,
  key: CaseKey,
  request: ActRequest,
  by: string,
  now: number = Date.now(),
): Promise<ActedOn | Refused> {
  const act = await repeatWhileCut(() => meantAct(db, request, now));
  if ('code' in act) return act;
  const found = await repeatWhileCut(() => findCase(db, key));
  if (found.kind === 'refused') return found;
  await repeatUnlessInDoubt(() => addCaseAct(db, found.line, found.period, { ...act, by }));
  return { kind: 'acted' };
}

async function meantAct(q: Queryable, request: ActRequest, now: number): Promise<CaseAct | Refused> {
  const note = request.note ?? '';
  switch (request.kind) {
    case 'note':
      return note.trim() === '' ? refused(refusal('note-empty', {})) : { kind: 'note', note };
    case 'assign': {
      const { assignee } = request;
      const isUsable = assignee === null || (assignee.trim() !== '' && assignee.length <= 100 && assignee !== 'none');
      return isUsable ? { kind: 'assign', assignee, note } : refused(refusal('person-unknown', { name: assignee }));
    }
    case 'snooze': {
      if (request.until === null) return { kind: 'snooze', until: null, note };
      const until = (await ledgerCivilTime(q)).parseInstant(request.until);
      const isUsable = until !== null && until > now && until < now + LONGEST_AHEAD_MS;
      return isUsable ? { kind: 'snooze', until, note } : refused(refusal('snooze-unusable', { until: request.until }));
    }
  }
}

/** The line of a case, and its month as yyyymm; refused where no case was ever opened. */
export async function findCase(
  q: Queryable,
  key: CaseKey,
): Promise<{ readonly kind: 'found'; readonly line: NumberedLine; readonly period: number } | Refused> {
  const period = parsePeriod(key.period);
  if (period === null) return refused(refusal('period-unknown', { period: key.period }));
  const [line] = await loadLines(q, { ids: [key.line] });
  if (line === undefined) return refused(refusal('line-unknown', { line: key.line }));
  if (await hasCase(q, line, period)) return { kind: 'found', line, period };
  return refused(refusal('case-unknown', { line: line.id, period: showPeriod(period) }));
}

/** Whose a case is; refused as `findCase` does. */
export function accountOfCase({ db }: LedgerReading, key: CaseKey): Promise<string | Refused> {
  return repeatWhileCut(async () => {
    const found = await findCase(db, key);
    return found.kind === 'refused' ? found : found.line.account;
  });
}
