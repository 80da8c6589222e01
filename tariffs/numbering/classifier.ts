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
}

/** Whether `dialled` is a number to rate; what it is, or why it is none, goes to `out`. */
export type Classifier = (dialled: string, out: ClassifierOutput) => boolean;

/**
 * The fast path takes plain digits that lead straight to a destination; whatever it does not accept goes the long way,
 * which alone decides on refusals and repairs. A test holds the two to the same answer.
 */
export function createClassifier(table: OutcomeTable, shortCodes: ReadonlyMap<number, Destination>): Classifier {
  const { scanE164, scanNational } = createE164Scanner(table);
  const scanned: Scanned = { called: 0, outcome: 0 };

  const scanPlain = (dialled: string): boolean => {
    const first = dialled.charCodeAt(0);
    if (first === PLUS) return scanE164(dialled, 1, scanned);
    if (first !== ZERO) return dialled.length >= MIN_BARE_DIGITS && scanE164(dialled, 0, scanned);
    return dialled.charCodeAt(1) === ZERO ? scanE164(dialled, 2, scanned) : scanNational(dialled, 1, scanned);
  };

  const acceptE164 = (digits: string, out: ClassifierOutput): boolean => {
    if (!scanE164(digits, 0, scanned)) return refuse(out, 'wrong-length');
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

  return (dialled, out) => {
    if (scanPlain(dialled) && isDestinationOutcome(scanned.outcome)) {
      out.called = scanned.called;
      out.destinationId = scanned.outcome;
      return true;
    }
    return accept(readDialled(dialled), out);
  };
}

const PLUS = 43;
const ZERO = 48;
const MAX_SHORT_CODE_DIGITS = 6;
/** Nine bare digits may be a French number without its 0 or a foreign one without its plus: refused, not guessed. */
const MIN_BARE_DIGITS = 10;

/** Orange's secret-call code before a whole number; alone, 3651 is a short code. */
const SECRET_CALL = /^3651(?:0[1-9]\d{8}|0700\d{9,10}|00[1-9]\d{7,14})$/;

/** `+33 01…`: the trunk 0 kept after 33 by mistake. No French number begins with 0 after 33, so nothing else is meant. */
function withoutKeptTrunkZero(digits: string): string {
  return digits.length === 12 && digits.startsWith('330') ? `33${digits.slice(3)}` : digits;
}

function refuse(out: ClassifierOutput, reason: RefusalCode): boolean {
  out.reason = reason;
  return false;
}
