import {
  type BucketProof,
  contradictingEntries,
  type Database,
  type NameFinding,
  namesProofs,
  type NamesProof,
  type ProofFinding,
  readHeads,
  readLives,
  verifyBucket,
  verifyNames,
  verifyStrays,
} from '../../ledger/index.ts';
import type { LedgerReading } from '../ledger-access.ts';
import type { Refused } from '../refusals.ts';
import { type KeptProof, refusedProof } from './kept-proof.ts';

/** What the ledger is held against. */
export interface VerifyRequest {
  /** A kept proof, and what it is called in refusals. */
  readonly against?: { readonly file: string; readonly proof: KeptProof } | undefined;
}

/** A finding, with the entries that contradict themselves. */
export interface ExplainedFinding extends ProofFinding {
  readonly suspects: readonly {
    readonly position: number;
    /** The number of the call, as hex digits. */
    readonly call: string;
    readonly columns: readonly string[];
  }[];
}

export interface VerifiedLedger {
  readonly kind: 'verified';
  /** The id of its first life. */
  readonly ledger: string;
  /** Entries that were held against what was posted; and those of before there were proofs. */
  readonly proven: number;
  readonly unproven: number;
  readonly findings: readonly ExplainedFinding[];
  readonly nameFindings: readonly NameFinding[];
  /** The proof of today, to be kept elsewhere. */
  readonly proofs: readonly BucketProof[];
  readonly names: readonly NamesProof[];
}

/** How many findings are looked into. */
const MAX_EXPLAINED = 50;

/** Whether the entries of a ledger are what was posted, and the names that they refer to are what they were. */
export async function verifyLedger(
  { db }: LedgerReading,
  { against }: VerifyRequest = {},
): Promise<VerifiedLedger | Refused> {
  const ledger = (await readLives(db))[0]?.id ?? '';
  const refusal = against === undefined ? null : refusedProof(against.file, against.proof, ledger);
  if (refusal !== null) return refusal;
  const kept = against?.proof ?? null;
  const proofs: BucketProof[] = [];
  const findings = await verifyStrays(db);
  const gone = new Set(findings.flatMap(({ fault, bucket }) => (fault === 'bucket-missing' ? [bucket] : [])));
  let proven = 0;
  let unproven = 0;
  for (const { bucket } of await readHeads(db)) {
    if (gone.has(bucket)) continue;
    const keptOfBucket = kept?.proofs.find((proof) => proof.bucket === bucket) ?? null;
    const verified = await verifyBucket(db, bucket, keptOfBucket);
    proofs.push(verified.proof);
    findings.push(...verified.findings);
    proven += verified.proven;
    unproven += verified.unproven;
  }
  return {
    kind: 'verified',
    ledger,
    proven,
    unproven,
    findings: await explained(db, findings),
    nameFindings: await verifyNames(db, kept?.names ?? []),
    proofs,
    names: await namesProofs(db),
  };
}

async function explained(db: Database, findings: readonly ProofFinding[]): Promise<ExplainedFinding[]> {
  const all: ExplainedFinding[] = [];
  for (const finding of findings) {
    const { fault, bucket, after, upTo } = finding;
    const isLookedInto = fault === 'entries-changed' && all.length < MAX_EXPLAINED;
    const suspects = isLookedInto ? await contradictingEntries(db, bucket, after, upTo) : [];
    all.push({
      ...finding,
      suspects: suspects.map(({ position, identity, columns }) => ({
        position,
        call: BigInt.asUintN(64, identity).toString(16).padStart(16, '0'),
        columns,
      })),
    });
  }
  return all;
}
