import { type QuarantinedRecord, type Queryable, waitingQuarantine } from '../../ledger/index.ts';
import type { LedgerAccess } from '../ledger-access.ts';
import { type Refusal, type Refused, refusal, refusedFor } from '../refusals.ts';
import { recordFaults } from './list-quarantine.ts';

/** Records whose starts somebody says are right though they are implausible. */
export interface AcceptRequest {
  /** Their numbers in quarantine. */
  readonly records: readonly string[];
  /** Who says so, and why: kept for good. */
  readonly by: string;
  readonly note: string;
}

export interface AcceptedStarts {
  readonly kind: 'accepted';
  readonly accepted: number;
  /** Of these; the others wait for whatever else stands in their way. */
  readonly rated: number;
}

/** What is wrong with a request whatever the ledger holds; `null`: nothing. */
export function checkAccept({ records, by }: AcceptRequest): Refused | null {
  return refusedFor([
    ...records.flatMap(recordFaults),
    ...(by.trim() === '' ? [refusal('name-missing', { act: 'accept starts' })] : []),
  ]);
}

/**
 * Accepts the starts of records that wait as `start-implausible`, all or none: they are rated, or wait for whatever
 * else stands in their way.
 */
export async function acceptStarts(
  { db, engine }: LedgerAccess,
  request: AcceptRequest,
): Promise<AcceptedStarts | Refused> {
  const fault = checkAccept(request);
  if (fault !== null) return fault;
  await engine.catchUp();
  const records = await waitingForStart(db, [...new Set(request.records.map(Number))]);
  if ('kind' in records) return records;
  const { rated } = await engine.accept(records, { acceptedBy: request.by, note: request.note });
  await engine.catchUp();
  return { kind: 'accepted', accepted: records.length, rated };
}

async function waitingForStart(q: Queryable, nos: readonly number[]): Promise<readonly QuarantinedRecord[] | Refused> {
  const records: QuarantinedRecord[] = [];
  const faults: Refusal[] = [];
  for (const no of nos) {
    const [record] = await waitingQuarantine(q, { reason: 'start-implausible', afterNo: no - 1, limit: 1 });
    if (record?.no === no) records.push(record);
    else faults.push(refusal('start-not-doubted', { record: String(no) }));
  }
  return refusedFor(faults) ?? records;
}
