import { reinstatementEnding } from '../../rater/index.ts';
import type { ExplainedCall } from './explain-call.ts';

/** Whose call it is, and why, when that is not simply the line that the switch names. */
export function ownerText({ line, owner }: ExplainedCall): string {
  switch (owner.why) {
    case 'named':
      return `line ${line}, as the switch names it`;
    case 'forwarded':
      return `line ${line}, the last of our lines that forwarded it (diversions: ${owner.diversions.join(', ')})`;
    case 'transferred':
      return `line ${line}, which transferred it`;
    case 'had-the-number':
      return `line ${line}, whose number '${owner.number}' was then`;
    default:
      return owner satisfies never;
  }
}

/** `numerator` is in nanos x 60: most amounts end, the others are shown to 12 decimals. */
export function exactAmount(numerator: bigint): string {
  const scaled = (numerator * 1000n) / 60n;
  const isExact = (numerator * 1000n) % 60n === 0n;
  const digits = scaled.toString().padStart(13, '0');
  const text = `${digits.slice(0, -12)}.${digits.slice(-12)}`.replace(/\.?0+$/, '');
  return isExact ? text : `${text}…`;
}

/** Who ended the hold on the call's line; `null` when it ends by itself, or not at all. */
export function reinstatedBy({ hold, decisions }: ExplainedCall): string | null {
  if (hold === null || hold.hold.onlyBreakingCalls) return null;
  return reinstatementEnding(hold.hold, decisions)?.decidedBy ?? null;
}
