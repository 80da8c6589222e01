import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { z } from 'zod';
import { ALL_BUCKETS } from '../../engine/index.ts';
import {
  type BucketProof,
  contradictingEntries,
  type Database,
  type NameFinding,
  namesProofs,
  type ProofFault,
  type ProofFinding,
  readHeads,
  readLives,
  verifyBucket,
  verifyNames,
  verifyStrays,
} from '../../ledger/index.ts';
import { CommandError, EXIT_FAULTS } from '../command-error.ts';
import type { PlaceOptions } from '../config.ts';
import { withExistingLedger } from '../open-ledger.ts';
import { plural } from '../show-values.ts';
import { type Terminal, notify, print, printJson } from '../terminal.ts';

export interface VerifyOptions extends PlaceOptions {
  readonly json?: boolean;
  /** A proof that an earlier `verify --json` wrote, kept where who can change the ledger can't change it. */
  readonly against?: string;
}

/** How many findings are shown one by one. */
const MAX_SHOWN = 50;

const proofSchema = z.object({
  ledger: z.string(),
  proofs: z.array(
    z.object({
      bucket: z.int().min(0),
      position: z.int().min(0),
      chain: z.string().regex(/^([0-9a-f]{64})?$/),
    }),
  ),
  /** Proofs of before this was kept have none. */
  names: z
    .array(
      z.object({
        table: z.enum(['account', 'line', 'destination', 'rate_deck', 'offer']),
        upTo: z.int().min(0),
        digest: z.string().regex(/^[0-9a-f]{64}$/),
      }),
    )
    .default([]),
});
type Proof = z.infer<typeof proofSchema>;

/** A finding, with the entries that contradict themselves. */
interface ExplainedFinding extends ProofFinding {
  readonly suspects: readonly {
    readonly position: number;
    readonly call: string;
    readonly columns: readonly string[];
  }[];
}

/**
 * `fairtally verify`: whether the entries of the ledger are what was posted. Returns the exit code: 1 when something
 * was tampered with, each on a line.
 */
export async function verify(options: VerifyOptions, terminal: Terminal): Promise<number> {
  const kept = options.against === undefined ? null : await readProof(resolve(terminal.folder, options.against));
  return withExistingLedger(options, terminal, async ({ db }) => {
    const ledger = (await readLives(db))[0]?.id ?? '';
    if (kept !== null && kept.ledger !== ledger) {
      throw new CommandError(`Cannot verify against '${options.against ?? ''}': it is of ledger '${kept.ledger}'`);
    }
    if (kept !== null) refuseInPart(kept, options.against ?? '');
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
    const explained = await explain(db, findings);
    const nameFindings = await verifyNames(db, kept?.names ?? []);
    if (options.json === true) {
      const names = await namesProofs(db);
      printJson(terminal, { ledger, proven, unproven, findings: explained, nameFindings, proofs, names });
    } else {
      show({ ledger, proven, unproven, findings: explained, nameFindings }, terminal);
    }
    return findings.length + nameFindings.length === 0 ? 0 : EXIT_FAULTS;
  });
}

async function readProof(file: string): Promise<Proof> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new CommandError(
      `Cannot read the proof '${file}': ${cause instanceof Error ? cause.message : String(cause)}`,
    );
  }
  const parsed = proofSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new CommandError(`Cannot use the proof '${file}': it is not what 'fairtally verify --json' writes`);
}

/** A proof of some buckets proves nothing of the others. */
function refuseInPart({ proofs }: Proof, file: string): void {
  const buckets = new Set(proofs.map(({ bucket }) => bucket));
  const missing = [...ALL_BUCKETS].filter((bucket) => !buckets.has(bucket));
  if (missing.length === 0 && proofs.length === ALL_BUCKETS.size) return;
  const what = missing.length === 0 ? 'it has a bucket twice, or one too many' : `it lacks bucket '${missing[0]}'`;
  throw new CommandError(`Cannot verify against '${file}': ${what}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function explain(db: Database, findings: readonly ProofFinding[]): Promise<ExplainedFinding[]> {
  const explained: ExplainedFinding[] = [];
  for (const finding of findings) {
    const { fault, bucket, after, upTo } = finding;
    const isLookedInto = fault === 'entries-changed' && explained.length < MAX_SHOWN;
    const suspects = isLookedInto ? await contradictingEntries(db, bucket, after, upTo) : [];
    explained.push({
      ...finding,
      suspects: suspects.map(({ position, identity, columns }) => ({
        position,
        call: BigInt.asUintN(64, identity).toString(16).padStart(16, '0'),
        columns,
      })),
    });
  }
  return explained;
}

const FAULT_TEXT: Readonly<Record<ProofFault, string>> = {
  'entries-missing': 'entries were removed',
  'entries-changed': 'entries were changed',
  'entries-added': 'entries were added that nobody posted',
  'posting-missing': 'the posting was removed',
  'posting-added': 'a posting was added that nobody made',
  'posting-changed': 'the posting itself was changed',
  'bucket-missing': 'the head of the bucket, or where its proof begins, was removed',
  'told-ahead':
    'relays, or a restore, went further than the ledger does: entries or events were removed, or a cursor moved',
  'billed-after-close': 'entries stand in the bill of a month that was closed before',
  'form-unknown': 'a newer version of Fairtally posted it: verify with that version',
  'not-as-kept': 'it is not what the kept proof says: its digests were made anew',
};

interface Outcome {
  readonly ledger: string;
  readonly proven: number;
  readonly unproven: number;
  readonly findings: readonly ExplainedFinding[];
  readonly nameFindings: readonly NameFinding[];
}

function show({ ledger, proven, unproven, findings, nameFindings }: Outcome, terminal: Terminal): void {
  const count = findings.length + nameFindings.length;
  const lines = [
    ...findings.map(findingLines),
    ...nameFindings.map(({ table, no, fault }) => [`Table ${table}, no ${no}: ${fault}`]),
  ];
  for (const line of lines.slice(0, MAX_SHOWN)) notify(terminal, ...line);
  const left = count - MAX_SHOWN;
  if (left > 0) notify(terminal, `… and ${plural(left, 'more finding')}: '--json' has them all`);
  const before = unproven === 0 ? '' : `, ${plural(unproven, 'entry', 'entries')} of before there were proofs`;
  print(
    terminal,
    `Ledger ${ledger}: ${plural(proven, 'entry', 'entries')} held against what was posted${before}`,
    count === 0 ? 'Nothing was tampered with' : `${plural(count, 'finding')}, each on stderr`,
  );
}

function findingLines({ fault, bucket, after, upTo, postedAt, cause, suspects }: ExplainedFinding): string[] {
  const positions = upTo === after + 1 ? `position ${upTo}` : `positions ${after + 1} to ${upTo}`;
  const posting = postedAt === null ? '' : `, posted ${new Date(postedAt).toISOString()} for '${cause ?? ''}'`;
  return [
    `Bucket ${bucket}, ${positions}${posting}: ${FAULT_TEXT[fault]}`,
    ...suspects.map(
      ({ position, call, columns }) =>
        `  position ${position}, call ${call}: contradicts itself in ${columns.join(', ')}`,
    ),
  ];
}
