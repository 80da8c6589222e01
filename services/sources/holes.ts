import {
  type KeptHoleSettlement,
  readHoles,
  readHoleSettlements,
  repeatUnlessInDoubt,
  repeatWhileCut,
  settleHole as settleInLedger,
  type SourceHole,
} from '../../ledger/index.ts';
import type { LedgerReading } from '../ledger-access.ts';
import { type Refused, refusal, refused, refusedFor } from '../refusals.ts';

/** Positions of sources that were passed and nothing explains, and those that people explained, oldest first. */
export interface HoleList {
  readonly holes: readonly SourceHole[];
  readonly settled: readonly KeptHoleSettlement[];
}

/** Lists the holes of all sources. */
export function listHoles({ db }: LedgerReading): Promise<HoleList> {
  return repeatWhileCut(async () => ({ holes: await readHoles(db), settled: await readHoleSettlements(db) }));
}

/** A hole that somebody has explained. */
export interface SettleRequest {
  readonly source: string;
  readonly partition: string;
  /** How large it is, as whoever settles it saw it; below 0: so many positions were counted twice. */
  readonly hole: string;
  /** Who, and what explains it: kept for good. */
  readonly by: string;
  readonly note: string;
}

export interface SettledHole {
  readonly kind: 'settled';
  /** Where the source stands. */
  readonly position: number;
}

/** What is wrong with a request whatever the ledger holds; `null`: nothing. */
export function checkSettle({ partition, hole, by, note }: SettleRequest): Refused | null {
  const act = 'settle a hole';
  return refusedFor([
    ...(/^\d{1,9}$/.test(partition) ? [] : [refusal('partition-unusable', { partition })]),
    ...(/^-?[1-9]\d{0,14}$/.test(hole) ? [] : [refusal('hole-unusable', { hole })]),
    ...(by.trim() === '' ? [refusal('name-missing', { act })] : []),
    ...(note.trim() === '' ? [refusal('reason-missing', { act })] : []),
  ]);
}

/** Settles a hole; not when it is of another size by now, since whoever explained it did not know. */
export async function settleHole({ db }: LedgerReading, request: SettleRequest): Promise<SettledHole | Refused> {
  const fault = checkSettle(request);
  if (fault !== null) return fault;
  const { source, partition, hole, by, note } = request;
  const settlement = { source, partition: Number(partition), hole: Number(hole), by, note };
  const position = await repeatUnlessInDoubt(() => db.transaction((tx) => settleInLedger(tx, settlement)));
  if (position !== null) return { kind: 'settled', position };
  const holes = await repeatWhileCut(() => readHoles(db));
  const now = holes.find((each) => each.source === source && each.partition === settlement.partition)?.hole ?? 0;
  return refused(refusal('hole-differs', { source, partition, now: String(now), hole }));
}
