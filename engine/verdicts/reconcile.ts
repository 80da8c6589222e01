import {
  type Cdr,
  type LineState,
  type RatedCall,
  type RatingContext,
  emptyMonthState,
  identityText,
  judgePeriod,
  rateCall,
} from '../../rater/index.ts';
import { type PostedCall, callsOfLine, markCallsStale } from '../../ledger/index.ts';
import type { Catalogue } from '../catalogue.ts';
import { gatherCalls } from '../settling/gather-calls.ts';
import { identityOf } from '../settling/identity-halves.ts';
import { holdsOfLine } from './line-holds.ts';
import { postCall } from '../settling/post-call.ts';
import { callKey } from '../settling/record-keys.ts';
import { recordedCdr } from '../settling/recorded-cdr.ts';
import { ledgerProvenance, settlePossibleDuplicates } from '../settling/settle.ts';
import type { Settlement } from '../settling/settlement.ts';

interface LedgerCall {
  readonly posted: PostedCall;
  readonly cdr: Cdr;
}

/**
 * Judges lines again from the ledger alone and posts, for each of their calls, what it should cost now minus what is
 * posted. Everything that changes the past comes down to this: a breach, a late call, a corrected record, an undone
 * decision, a fact entered late. What the batch posted so far must be in the transaction already.
 */
export async function reconcileLines(settlement: Settlement): Promise<void> {
  const { stale } = settlement.batch;
  for (let next = stale.entries().next(); !next.done; next = stale.entries().next()) {
    const [line, fromPeriod] = next.value;
    stale.delete(line);
    const { reconciled } = settlement.batch;
    reconciled.set(line, Math.min(reconciled.get(line) ?? fromPeriod, fromPeriod));
    await reconcileLine(settlement, line, fromPeriod);
  }
}

async function reconcileLine(settlement: Settlement, line: LineState, fromPeriod: number): Promise<void> {
  const { catalogue, state } = settlement.batch;
  await settlement.flush();
  const calls = (await callsOfLine(settlement.tx, line, fromPeriod)).map((posted): LedgerCall => ({
    posted,
    cdr: recordedCdr(posted.record),
  }));
  await askRegistrations(settlement, line, calls);
  const own: LedgerCall[] = [];
  for (const call of calls) if (await keepsCall(settlement, line, call)) own.push(call);
  judgeMonths(settlement, line, fromPeriod, own);
  line.holds = holdsOfLine(line, state.holdTerms);
  const ratedNow: RatedCall[] = [];
  for (const { posted, cdr } of own) {
    const rated = rateCall(cdr, state.context);
    if (typeof rated === 'string') throw new Error(`Cannot rate call '${cdr.callId}' again: '${rated}'`);
    ratedNow.push(rated);
    if (differs(rated, posted, catalogue)) settlement.batch.postRerate(rated, posted, cdr);
  }
  const months = [...line.months.values()].filter(({ period }) => period >= fromPeriod);
  settlement.batch.stakes.addUp(line, months, ratedNow);
}

/** Asks where the line was registered at the starts of its calls whose records don't tell. */
async function askRegistrations(
  { tx, batch }: Settlement,
  line: LineState,
  calls: readonly LedgerCall[],
): Promise<void> {
  const { state } = batch;
  const starts = new Set<number>();
  for (const { cdr } of calls) {
    const rated = rateCall(cdr, state.context);
    if (typeof rated !== 'string' && rated.line === line && state.mayBeTold(rated, cdr)) starts.add(cdr.startedAt);
  }
  if (starts.size === 0) return;
  for (const start of starts) {
    batch.asked.add(line, start);
    // Facts may have made it one of those that registrations tell of, though nothing is posted of it.
    batch.asked.noteStart(line, start);
  }
  await state.registrations.ask(tx, state.context.plan, new Map([[line, starts]]));
  batch.asked.close();
}

/** Whether a call is still the line's; one that facts now give to another line, or to none, is moved there. */
async function keepsCall(settlement: Settlement, line: LineState, { posted, cdr }: LedgerCall): Promise<boolean> {
  const { batch } = settlement;
  const rated = rateCall(cdr, batch.state.context);
  if (typeof rated !== 'string' && rated.line === line && rated.period === posted.period) return true;
  batch.postReversal(posted, 'facts-changed');
  if (typeof rated === 'string') {
    batch.setAside(ledgerProvenance(posted), cdr, rated, 'waiting');
    // Another record of the call, set aside for this one, may be billed now.
    await markCallsStale(settlement.tx, [callKey(cdr)]);
  } else await giveCall(settlement, rated, { posted, cdr });
  return false;
}

async function giveCall(settlement: Settlement, rated: RatedCall, { posted, cdr }: LedgerCall): Promise<void> {
  const { tx, batch, flush } = settlement;
  const { account } = rated.line;
  await flush();
  const gathered = await gatherCalls(tx, batch.state, new Map([[identityText(cdr), [cdr]]]));
  const call = gathered.byText.get(identityText(cdr));
  if (call === undefined) throw new Error(`Cannot move call '${cdr.callId}': it was not gathered`);
  if (call.posted.some((before) => before.posted.account === account && before.posted.coverage !== null)) {
    // Another process took a record of the call in under the facts of today, before this line was judged by them.
    const provenance = ledgerProvenance(posted);
    await settlePossibleDuplicates(settlement, [{ cdr, identity: identityOf(cdr), provenance, wasCounted: true }]);
    return;
  }
  await postCall(settlement, gathered, call, rated, cdr);
}

/** Builds the months of a line anew, from `fromPeriod` on, from their calls. */
function judgeMonths({ batch }: Settlement, line: LineState, fromPeriod: number, calls: readonly LedgerCall[]): void {
  const { state, catalogue } = batch;
  const { civilTime } = catalogue;
  const byPeriod = Map.groupBy(calls, ({ posted }) => posted.period);
  state.forgetPacked(line, fromPeriod);
  const periods = new Set([...byPeriod.keys(), ...line.months.keys()]);
  for (const period of [...periods].filter((candidate) => candidate >= fromPeriod)) {
    const before = line.months.get(period);
    const month = emptyMonthState(line.factSpans, period, civilTime);
    const recorded = (byPeriod.get(period) ?? []).map(({ cdr }) => ({ cdr, rated: ratedOf(cdr, state.context) }));
    judgePeriod(month, recorded, civilTime);
    month.savedFindings = before?.savedFindings ?? [];
    before?.month.release();
    line.months.set(period, month);
    line.lastMonth = null;
    batch.judged.push({ line, state: month, findings: month.findings, isFromLedger: true });
  }
}

function ratedOf(cdr: Cdr, context: RatingContext): RatedCall {
  const rated = rateCall(cdr, context);
  if (typeof rated === 'string') throw new Error(`Cannot judge call '${cdr.callId}': '${rated}'`);
  return rated;
}

/**
 * Whether anything that the latest entry says of a call is no longer so. Whose it is and of which month is
 * `keepsCall`'s; when it was and how long are the record's. The rate deck stays that which priced it: another that
 * comes to the same is no correction.
 */
export function differs(rated: RatedCall, posted: PostedCall, catalogue: Pick<Catalogue, 'destinationNo'>): boolean {
  return (
    rated.coverage !== posted.coverage ||
    rated.charge !== posted.charge ||
    rated.reason !== posted.reason ||
    rated.meteredPrice !== posted.meteredPrice ||
    rated.billedSeconds !== posted.billedSeconds ||
    rated.called !== posted.called ||
    rated.flags !== posted.flags ||
    (rated.offer?.no ?? null) !== posted.offer ||
    catalogue.destinationNo(rated.destination) !== posted.destination
  );
}
