import { isPlausible, receiptAt, recordedCdr, type StartWindow } from '../../engine/index.ts';
import { countQuarantine, type QuarantineCount, type QuarantinedRecord, type Receipt } from '../../ledger/index.ts';
import type { LedgerAccess } from '../ledger-access.ts';
import { type Refused, refusedFor } from '../refusals.ts';
import { reasonFaults } from './reasons.ts';

/** Which records are tried again. */
export interface ReplayRequest {
  /** Every record that could be read where nothing is said. */
  readonly reason?: string | undefined;
  /** What is said now of how far starts may lie from the receipt of their records. */
  readonly windows?: StartWindows;
}

/**
 * How far starts may lie from the receipt of their records, ms: of a source, and of all. What is absent was not said,
 * and is as it was when the record came.
 */
export interface StartWindows {
  readonly bySource: ReadonlyMap<string, Partial<StartWindow>>;
  readonly general: Partial<StartWindow>;
}

const NOTHING_SAID: StartWindows = { bySource: new Map(), general: {} };

export interface ReplayedQuarantine {
  readonly kind: 'replayed';
  readonly tried: number;
  readonly rated: number;
  /** What is in quarantine after it. */
  readonly counts: readonly QuarantineCount[];
}

/** What is wrong with a request whatever the ledger holds; `null`: nothing. */
export function checkReplay({ reason }: ReplayRequest): Refused | null {
  return refusedFor(reasonFaults(reason));
}

/**
 * Rates what can be rated now, after missing lines were imported, say. A start that was implausible is so still, by
 * the receipt that is kept with the record, unless the request says more.
 */
export async function replayQuarantine(
  { engine, db }: LedgerAccess,
  request: ReplayRequest,
): Promise<ReplayedQuarantine | Refused> {
  const fault = checkReplay(request);
  if (fault !== null) return fault;
  const { reason = null, windows = NOTHING_SAID } = request;
  await engine.catchUp();
  const { tried, rated } = await engine.replay(reason, (record) => isPlausibleNow(record, windows));
  await engine.catchUp();
  return { kind: 'replayed', tried, rated, counts: await countQuarantine(db) };
}

/** Whether a start lies within what is said now, from the receipt that was kept with the record. */
function isPlausibleNow({ source, cdr, receipt }: QuarantinedRecord, { bySource, general }: StartWindows): boolean {
  if (cdr === null || receipt === null || receipt.receivedAt === null) return false;
  const own = bySource.get(source) ?? {};
  const kept = keptWindow(receipt, receipt.receivedAt);
  return isPlausible(recordedCdr(cdr).startedAt, receiptAt(receipt.receivedAt, { ...kept, ...general, ...own }));
}

/** The window that the record was judged by when it came. */
function keptWindow({ startsFrom, startsTo }: Receipt, receivedAt: number): StartWindow {
  return { beforeMs: receivedAt - startsFrom, afterMs: startsTo - receivedAt };
}
