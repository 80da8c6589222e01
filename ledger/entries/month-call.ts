/** A billed call as a month is built from it again: what its latest entry says. The same object for every visit. */
export interface MonthCall {
  account: number;
  line: number;
  identityHigh: number;
  identityLow: number;
  /** ms since the epoch. */
  startedAt: number;
  durationMs: number;
  called: number;
  isFree: boolean;
  /** The ledger's number of the offer's version; 0 for none. */
  offer: number;
  flags: number;
}

/** Some identities with the accounts that they are of: the first `count` of each. The same object for every visit. */
export interface Identities {
  count: number;
  readonly accounts: Int32Array;
  readonly highs: Int32Array;
  readonly lows: Int32Array;
}

export function emptyMonthCall(): MonthCall {
  return {
    account: 0,
    line: 0,
    identityHigh: 0,
    identityLow: 0,
    startedAt: 0,
    durationMs: 0,
    called: 0,
    isFree: false,
    offer: 0,
    flags: 0,
  };
}
