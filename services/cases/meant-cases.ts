import { type CaseClause, type CaseFilter, type Queryable, accountOfId, loadLines } from '../../ledger/index.ts';
import { ledgerCivilTime } from '../ledger-civil-time.ts';
import { type Refusal, type Refused, refusal, refusedFor } from '../refusals.ts';
import { parseCaseFilter } from './case-filter.ts';

/** Cases that words ask for, and who asks. */
export interface WordedFilter {
  /** As `parseCaseFilter` has it; nothing, or no word: all cases. */
  readonly filter: string;
  /** Who asks: `assignee:me`; `null`: nobody is. */
  readonly me: string | null;
  /** The one account that who asks may see; `null`: all. An id of another's is refused like one that there is not. */
  readonly account: string | null;
  /** ms since the epoch; now where nothing is said. */
  readonly now?: number | undefined;
}

/** What words ask for, as the ledger understands it; ids that it does not have are refused. */
export async function meantCases(
  q: Queryable,
  { filter, me, account, now }: WordedFilter,
): Promise<CaseFilter | Refused> {
  const clauses = parseCaseFilter(filter, { me, now: now ?? Date.now(), civilTime: await ledgerCivilTime(q) });
  if ('code' in clauses) return clauses;
  const faults: Refusal[] = [];
  let meant: CaseFilter = {};
  const others: CaseClause[] = [];
  for (const clause of clauses) {
    // One state, account or line is looked up by index.
    if (clause.on === 'state' && clause.states.length === 1 && !clause.isNegated && meant.state === undefined) {
      meant = { ...meant, state: clause.states[0] };
    } else if (clause.on === 'account' || clause.on === 'line') {
      const numbers = await numbersOf(q, clause, account, faults);
      if (clause.isNegated || clause.ids.length > 1 || meant[clause.on] !== undefined) others.push(clause);
      else meant = { ...meant, [clause.on]: numbers[0] };
    } else {
      others.push(clause);
    }
  }
  return refusedFor(faults) ?? { ...meant, clauses: others };
}

async function numbersOf(
  q: Queryable,
  { on, ids }: { readonly on: 'account' | 'line'; readonly ids: readonly string[] },
  seen: string | null,
  faults: Refusal[],
): Promise<{ readonly bucket: number; readonly no: number }[]> {
  const found: { readonly bucket: number; readonly no: number }[] = [];
  for (const id of ids) {
    const one = await (on === 'account' ? accountSeen(q, id, seen) : lineSeen(q, id, seen));
    if (one !== null) found.push(one);
    else
      faults.push(
        on === 'account' ? refusal('account-unknown', { account: id }) : refusal('line-unknown', { line: id }),
      );
  }
  return found;
}

async function accountSeen(q: Queryable, id: string, seen: string | null) {
  return seen === null || id === seen ? accountOfId(q, id) : null;
}

async function lineSeen(q: Queryable, id: string, seen: string | null) {
  const [line] = await loadLines(q, { ids: [id] });
  return line !== undefined && (seen === null || line.account === seen) ? line : null;
}
