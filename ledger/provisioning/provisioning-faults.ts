/** One reason for which provisioning can't be stored. */
export type ProvisioningFault =
  | { readonly code: 'unknown-account'; readonly line: string; readonly account: string }
  | {
      readonly code: 'account-of-line-is-permanent';
      readonly line: string;
      /** The account that has the line, and the one that was given. */
      readonly account: string;
      readonly given: string;
    }
  | NumberFault;

/** Two lines would have one number at one time; or one line would have the number that is another one's id. */
export interface NumberFault {
  readonly code: 'number-of-two-lines' | 'number-is-an-id';
  /** The line that is refused, and where its span begins (ms since the epoch). */
  readonly line: string;
  readonly spanFrom: number;
  readonly other: string;
  /** When the other one has it, or is in force: `[from, to)`, ms since the epoch, `Infinity` while open. */
  readonly otherFrom: number;
  readonly otherTo: number;
  /** E.164 digits. */
  readonly number: number;
  /** When both would have it. */
  readonly from: number;
  readonly to: number;
}

/** Nothing was stored; `faults` has every reason, and the message says them line by line. */
export class ProvisioningError extends Error {
  override readonly name = 'ProvisioningError';
  readonly code = 'provisioning-refused';
  readonly retryable = false;
  readonly faults: readonly ProvisioningFault[];

  constructor(faults: readonly ProvisioningFault[]) {
    super(faults.map((fault) => provisioningFaultText(fault)).join('\n'));
    this.faults = faults;
  }
}

/**
 * A fault in a sentence.
 *
 * @param showInstant an instant (ms since the epoch, `Infinity` for an open end) as people read it
 */
export function provisioningFaultText(
  fault: ProvisioningFault,
  showInstant: (instant: number) => string = isoInstant,
): string {
  switch (fault.code) {
    case 'unknown-account':
      return `Cannot store line '${fault.line}': there is no account '${fault.account}'`;
    case 'account-of-line-is-permanent':
      return (
        `Cannot move line '${fault.line}' to account '${fault.given}': it belongs to '${fault.account}' for good; ` +
        `end it and open another line`
      );
    case 'number-of-two-lines':
      return (
        `Cannot give number '+${fault.number}' to line '${fault.line}': line '${fault.other}' has it ` +
        `from ${showInstant(fault.otherFrom)} to ${showInstant(fault.otherTo)}; ` +
        `both would have it from ${showInstant(fault.from)} to ${showInstant(fault.to)}`
      );
    case 'number-is-an-id':
      return (
        `Cannot use lines '${fault.line}' and '${fault.other}' together: the id of one is the number '+${fault.number}' ` +
        `of the other, from ${showInstant(fault.from)} to ${showInstant(fault.to)}`
      );
    default:
      return fault satisfies never;
  }
}

function isoInstant(instant: number): string {
  return Number.isFinite(instant) ? new Date(instant).toISOString() : 'no end';
}
