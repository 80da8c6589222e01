import {
  type KeptHoleSettlement,
  type KeptSourceMove,
  moveSource,
  readHoleSettlements,
  readSourceMoves,
  repeatUnlessInDoubt,
  repeatWhileCut,
} from '../../ledger/index.ts';
import type { LedgerReading } from '../ledger-access.ts';
import { type Refused, refusal, refused } from '../refusals.ts';

/** What people did to the positions of a source, oldest first. */
export interface SourceHistory {
  readonly moves: readonly KeptSourceMove[];
  readonly settled: readonly KeptHoleSettlement[];
}

/** Reads what people did to the positions of a source. */
export function sourceHistory({ db }: LedgerReading, source: string): Promise<SourceHistory> {
  return repeatWhileCut(async () => ({
    moves: await readSourceMoves(db, source),
    settled: await readHoleSettlements(db, source),
  }));
}

/** A position that somebody sets. What the log holds is said by who asked Kafka: services do not. */
export interface MoveRequest {
  readonly source: string;
  readonly partition: number;
  /** An offset, `start` or `end`. */
  readonly to: string;
  /** Who, and why: kept for good. */
  readonly by: string;
  readonly note: string;
  /** Where the source stands, as whoever moves it saw it; `null` when nothing of it was taken in. */
  readonly from: number | null;
  /** Offsets that the log has: `[start, end)`. */
  readonly bounds: { readonly start: number; readonly end: number };
  /** Kafka's id of the topic that it is meant in; `null`: the brokers give none. */
  readonly topicId: string | null;
}

export interface MovedPosition {
  readonly kind: 'moved';
  readonly to: number;
}

/** What is wrong with a move whatever the ledger and the log hold; `null`: nothing. */
export function checkMove({ by }: Pick<MoveRequest, 'by'>): Refused | null {
  return by.trim() === '' ? refused(refusal('name-missing', { act: 'move a position' })) : null;
}

/** Has a source read on from elsewhere; not when a worker has moved it on meanwhile. Running workers follow. */
export async function movePosition({ db }: LedgerReading, request: MoveRequest): Promise<MovedPosition | Refused> {
  const fault = checkMove(request);
  if (fault !== null) return fault;
  const { source, partition, from, by, note, bounds, topicId } = request;
  const to = offsetOf(request.to, bounds);
  if (to === null) {
    const { start, end } = bounds;
    return refused(refusal('offset-unusable', { to: request.to, start: String(start), end: String(end) }));
  }
  const move = { source, partition, from, to, topicId, by, note };
  const isMoved = await repeatUnlessInDoubt(() => db.transaction((tx) => moveSource(tx, move)));
  if (isMoved) return { kind: 'moved', to };
  const values = { source, partition: String(partition), from: from === null ? 'nothing' : String(from) };
  return refused(refusal('position-moved', values));
}

function offsetOf(text: string, { start, end }: MoveRequest['bounds']): number | null {
  if (text === 'start') return start;
  if (text === 'end') return end;
  const offset = Number(text);
  return /^\d{1,15}$/.test(text) && offset >= start && offset <= end ? offset : null;
}
