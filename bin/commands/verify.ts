import { resolve } from 'node:path';
import type { ProofFault } from '../../ledger/index.ts';
import {
  type ExplainedFinding,
  readProof,
  type VerifiedLedger,
  verifyLedger,
  type VerifyRequest,
} from '../../services/index.ts';
import { CommandError, EXIT_FAULTS } from '../command-error.ts';
import type { PlaceOptions } from '../config.ts';
import { withExistingLedger } from '../open-ledger.ts';
import { readWholeFile } from '../read-whole-file.ts';
import { refusalError } from '../refusal-error.ts';
import { plural } from '../show-values.ts';
import { whyOf } from '../system-fault.ts';
import { type Terminal, notify, print, printJson } from '../terminal.ts';

export interface VerifyOptions extends PlaceOptions {
  readonly json?: boolean;
  /** A proof that an earlier `verify --json` wrote, kept where who can change the ledger can't change it. */
  readonly against?: string;
}

/** How many findings are shown one by one. */
const MAX_SHOWN = 50;

/**
 * `fairtally verify`: whether the entries of the ledger are what was posted. Returns the exit code: 1 when something
 * was tampered with, each on a line.
 */
export async function verify(options: VerifyOptions, terminal: Terminal): Promise<number> {
  const against = options.against === undefined ? undefined : await keptProof(options.against, terminal);
  return withExistingLedger(options, terminal, async (ledger) => {
    const verified = await verifyLedger(ledger, { against });
    if (verified.kind === 'refused') throw refusalError(verified);
    const { kind: _kind, ...data } = verified;
    if (options.json === true) printJson(terminal, data);
    else show(verified, terminal);
    return verified.findings.length + verified.nameFindings.length === 0 ? 0 : EXIT_FAULTS;
  });
}

/** A proof has some kB. */
const MOST_PROOF_BYTES = 16 * 1024 * 1024;

async function keptProof(file: string, { folder }: Terminal): Promise<VerifyRequest['against']> {
  let text: string;
  try {
    text = (await readWholeFile(resolve(folder, file), MOST_PROOF_BYTES)).toString('utf8');
  } catch (cause) {
    throw new CommandError(`Cannot read the proof '${file}': ${whyOf(cause)}`);
  }
  const read = readProof(file, text);
  if (read.kind === 'refused') throw refusalError(read);
  return { file, proof: read.proof };
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
  'stretch-changed':
    'a packed copy does not say what the entries say: delete these rows of call_stretch and start workers again',
  'not-as-kept': 'it is not what the kept proof says: its digests were made anew',
};

function show({ ledger, proven, unproven, findings, nameFindings }: VerifiedLedger, terminal: Terminal): void {
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
