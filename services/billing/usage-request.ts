import { type FeedFilter, type Queryable, accountOfId, loadDestinationNames, loadLines } from '../../ledger/index.ts';
import type { EntryKind } from '../../rater/index.ts';
import { type Refusal, type Refused, refusal, refused } from '../refusals.ts';
import { parsePeriod } from '../value-text.ts';

/** Which entries are asked for, as a person or a program says it. */
export interface UsageFilter {
  readonly account?: string | undefined;
  readonly line?: string | undefined;
  /** The month that the call belongs to: `2026-11`. */
  readonly period?: string | undefined;
  /** The month in which the entry is billed. */
  readonly billedPeriod?: string | undefined;
  readonly kind?: string | undefined;
  /** By its name. */
  readonly destination?: string | undefined;
  /** The one account that who asks sees: what is another's is refused as if the ledger did not have it. */
  readonly onlyAccount?: string | undefined;
}

const KINDS: readonly EntryKind[] = ['usage', 'rerate', 'reversal', 'reprice'];

/** A filter as the ledger understands it. */
export interface MeantFilter {
  readonly filter: FeedFilter;
  /** The one bucket that holds what is asked for; `null`: any may. */
  readonly bucket: number | null;
}

/** Whether a filter asks for less than all entries. */
export function isFilter(filter: FeedFilter): boolean {
  return Object.values(filter).some((value) => value !== undefined);
}

/** The filter in the ledger's numbers; every name that it does not know is refused. */
export async function meantFilter(q: Queryable, asked: UsageFilter): Promise<MeantFilter | Refused> {
  const faults: Refusal[] = [];
  const periodOf = (text: string | undefined): number | undefined => {
    const period = text === undefined ? undefined : parsePeriod(text);
    if (period === null) faults.push(refusal('period-unknown', { period: text ?? '' }));
    return period ?? undefined;
  };
  const period = periodOf(asked.period);
  const billedPeriod = periodOf(asked.billedPeriod);
  const kind = KINDS.find((each) => each === asked.kind);
  if (asked.kind !== undefined && kind === undefined) {
    faults.push(refusal('kind-unknown', { kind: asked.kind, kinds: KINDS.join(', ') }));
  }
  const { onlyAccount = asked.account } = asked;
  const own = onlyAccount === undefined ? undefined : await accountOfId(q, onlyAccount);
  const account = own === null || (asked.account ?? onlyAccount) !== onlyAccount ? null : own;
  if (account === null) faults.push(refusal('account-unknown', { account: asked.account ?? onlyAccount ?? '' }));
  const [found] = asked.line === undefined ? [] : await loadLines(q, { ids: [asked.line] });
  const line = asked.onlyAccount === undefined || found?.account === asked.onlyAccount ? found : undefined;
  if (asked.line !== undefined && line === undefined) faults.push(refusal('line-unknown', { line: asked.line }));
  const destination = asked.destination === undefined ? undefined : await destinationNo(q, asked.destination);
  if (destination === null) faults.push(refusal('destination-unknown', { destination: asked.destination ?? '' }));
  const [first, ...others] = faults;
  if (first !== undefined) return refused(first, ...others);
  return {
    filter: { account: account?.no, line: line?.no, period, billedPeriod, kind, destination: destination ?? undefined },
    bucket: account?.bucket ?? line?.bucket ?? null,
  };
}

async function destinationNo(q: Queryable, name: string): Promise<number | null> {
  for (const [no, each] of await loadDestinationNames(q)) if (each === name) return no;
  return null;
}
