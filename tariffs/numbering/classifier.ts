import type { Destination } from './destination.ts';
import { createE164Scanner, type Scanned } from './e164-scanner.ts';
import { decodeOutcome, isDestinationOutcome, type OutcomeTable } from './outcome-table.ts';
import { readDialled, type Dialled } from './read-dialled.ts';
import type { RefusalCode } from './refusal.ts';

/** Where a classifier writes its answer; one object reused for every string. */
export interface ClassifierOutput {
  called: number;
  destinationId: number;
  /** Set when the answer is `false`. */
  reason: RefusalCode;
  /** Set when the answer is `false` and the digits were clear: as the plan looked them up, a country code first. */
  digits: string;
}

/** Whether what was dialled is a number to rate; what it is, or why it is none, goes to `out`. */
export interface Classifier {
  classify(dialled: string, out: ClassifierOutput): boolean;
  /** The same of the ASCII text in `[start, end)` of `bytes`. */
  classifyBytes(bytes: Uint8Array, start: number, end: number, out: ClassifierOutput): boolean;
}

/**
 * The fast path takes plain digits that lead straight to a destination; whatever it does not accept goes the long way,
 * which alone decides on refusals and repairs. A test holds the two to the same answer.
 */
export function createClassifier(table: OutcomeTable, shortCodes: ReadonlyMap<number, Destination>): Classifier {
  const { scanE164, scanNational } = createE164Scanner(table);
  const scanned: Scanned = { called: 0, outcome: 0 };

  const scanPlain = (bytes: Uint8Array, start: number, end: number): boolean => {
    if (end - start < 2) return false;
    const first = bytes[start];
    if (first === PLUS) return scanE164(bytes, start + 1, end, scanned);
    if (first !== ZERO) return end - start >= MIN_BARE_DIGITS && scanE164(bytes, start, end, scanned);
    if (bytes[start + 1] === ZERO) return scanE164(bytes, start + 2, end, scanned);
    return scanNational(bytes, start + 1, end, scanned);
  };

  const acceptE164 = (digits: string, out: ClassifierOutput): boolean => {
    out.digits = digits;
    if (!scanE164(scratch, 0, writeScratch(digits), scanned)) return refuse(out, 'wrong-length');
    const outcome = decodeOutcome(scanned.outcome);
    switch (outcome.kind) {
      case 'destination':
        out.called = scanned.called;
        out.destinationId = outcome.id;
        return true;
      case 'refusal':
        return refuse(out, outcome.reason);
      case 'overseas':
        // The 0 of an overseas root stands for the territory's country code, never for 33 (Arcep 2006-0509).
        return acceptE164(`${outcome.lead === 0 ? '' : outcome.lead}${digits.slice(2)}`, out);
      default:
        return outcome satisfies never;
    }
  };

  const acceptBare = (digits: string, out: ClassifierOutput): boolean => {
    out.digits = digits;
    const shortCode = digits.length <= MAX_SHORT_CODE_DIGITS ? shortCodes.get(Number(digits)) : undefined;
    if (shortCode !== undefined) {
      out.called = Number(digits);
      out.destinationId = shortCode.id;
      return true;
    }
    if (SECRET_CALL.test(digits)) return accept(readDialled(digits.slice(4)), out);
    if (digits.length <= MAX_SHORT_CODE_DIGITS) return refuse(out, 'unknown-short-code');
    if (digits.length < MIN_BARE_DIGITS) return refuse(out, digits.length === 9 ? 'ambiguous-number' : 'wrong-length');
    return acceptE164(withoutKeptTrunkZero(digits), out);
  };

  const accept = (read: Dialled, out: ClassifierOutput): boolean => {
    if (read.kind === 'refusal') return refuse(out, read.reason);
    switch (read.form) {
      case 'international':
        return acceptE164(withoutKeptTrunkZero(read.digits), out);
      case 'national':
        return acceptE164(`33${read.digits.slice(1)}`, out);
      case 'bare':
        return acceptBare(read.digits, out);
      default:
        return read.form satisfies never;
    }
  };

  const acceptPlain = (bytes: Uint8Array, start: number, end: number, out: ClassifierOutput): boolean => {
    if (!scanPlain(bytes, start, end) || !isDestinationOutcome(scanned.outcome)) return false;
    out.called = scanned.called;
    out.destinationId = scanned.outcome;
    return true;
  };

  return {
    classify(dialled, out) {
      return acceptPlain(scratch, 0, writeScratch(dialled), out) || accept(readDialled(dialled), out);
    },
    classifyBytes(bytes, start, end, out) {
      if (acceptPlain(bytes, start, end, out)) return true;
      return accept(readDialled(String.fromCharCode(...bytes.subarray(start, end))), out);
    },
  };
}

/**
 * Holds the longest text that the fast path takes, `00` and 15 digits, and one byte more that tells that it is
 * longer.
 */
const scratch = new Uint8Array(18);

/**
 * Writes the beginning of a text for the fast path, and returns how much; what is not ASCII is no digit there either.
 */
function writeScratch(text: string): number {
  const length = Math.min(text.length, scratch.length);
  for (let at = 0; at < length; at++) scratch[at] = Math.min(text.charCodeAt(at), 255);
  return length;
}

const PLUS = 43;
const ZERO = 48;
const MAX_SHORT_CODE_DIGITS = 6;
/** Nine bare digits may be a French number without its 0 or a foreign one without its plus: refused, not guessed. */
const MIN_BARE_DIGITS = 10;

/** Orange's secret-call code before a whole number; alone, 3651 is a short code. */
const SECRET_CALL = /^3651(?:0[1-9]\d{8}|0700\d{9,10}|00[1-9]\d{7,14})$/;

/**
 * `+33 01…`: the trunk 0 kept after 33 by mistake. No French number begins with 0 after 33, so nothing else is meant.
 */
function withoutKeptTrunkZero(digits: string): string {
  return digits.length === 12 && digits.startsWith('330') ? `33${digits.slice(3)}` : digits;
}

function refuse(out: ClassifierOutput, reason: RefusalCode): boolean {
  out.reason = reason;
  return false;
}
