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
  /** ms since the epoch; now where nothing is said. */
  readonly now?: number | undefined;
}

/** What words ask for, as the ledger understands it; ids that it does not have are refused. */
export async function meantCases(q: Queryable, { filter, me, now }: WordedFilter): Promise<CaseFilter | Refused> {
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
      const numbers = await numbersOf(q, clause, faults);
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
  faults: Refusal[],
): Promise<{ readonly bucket: number; readonly no: number }[]> {
  const found: { readonly bucket: number; readonly no: number }[] = [];
  for (const id of ids) {
    const one = on === 'account' ? await accountOfId(q, id) : ((await loadLines(q, { ids: [id] }))[0] ?? null);
    if (one !== null) found.push(one);
    else
      faults.push(
        on === 'account' ? refusal('account-unknown', { account: id }) : refusal('line-unknown', { line: id }),
      );
  }
  return found;
}
