import { chunkOf, type ExplainedEntry, hasRegistrations, loadLines, registrationsOf } from '../../ledger/index.ts';
import {
  bucketOf,
  CallFlag,
  type Cdr,
  fittingRegistrations,
  LONGEST_REGISTRATION_MS,
  lacksEvidence,
  type Registration,
  registeredKeysOf,
  registrationsAt,
} from '../../rater/index.ts';
import type { LedgerReading } from '../ledger-access.ts';

/**
 * The registrations of its line by which a call was judged, the latest first: those in force at its start that it may
 * have come by.
 *
 * @returns `null` where none was asked for: the record tells all itself, the line did not place the call or had no
 * offer, or the ledger has no registrations
 */
export async function registrationsOfCall(
  { db, plan }: LedgerReading,
  { line: id, offer, flags, startedAt }: ExplainedEntry,
  cdr: Cdr,
): Promise<readonly Registration[] | null> {
  if (offer === null || (flags & CallFlag.forwarded) !== 0 || !lacksEvidence(cdr)) return null;
  const [line] = await loadLines(db, { ids: [id] });
  if (line === undefined || !(await hasRegistrations(db))) return null;
  const span = line.spans.find(({ from, to }) => from <= startedAt && startedAt < to);
  const keys = registeredKeysOf(id, span?.number ?? null, plan);
  const range = { from: chunkOf(startedAt - LONGEST_REGISTRATION_MS), to: chunkOf(startedAt) };
  const said = await registrationsOf(
    db,
    keys.map((party) => ({ bucket: bucketOf(party), party, ...range })),
  );
  return fittingRegistrations(cdr, registrationsAt([...said.values()].flat(), startedAt));
}
