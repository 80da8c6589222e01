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

/** Who is told of a month's calls. */
export interface MonthVisitor {
  /** Each billed call once, as its latest entry has it. */
  readonly visit: (call: MonthCall) => void;
  /** Each identity once, of reversed calls too, since a record that comes again must find them. */
  readonly visitIdentities: (identities: Identities) => void;
}

interface CorrectedCall {
  readonly revision: number;
  readonly isReversed: boolean;
  readonly call: MonthCall;
}

/** So many that what they ask of memory is on its way at once. */
const IDENTITIES_AT_ONCE = 128;

/** Tells a visitor of calls, whose corrections come first: each call as its latest entry has it. */
export class MonthCalls {
  readonly #visitor: MonthVisitor;
  readonly #corrected = new Map<string, CorrectedCall>();
  readonly #identities: Identities = {
    count: 0,
    accounts: new Int32Array(IDENTITIES_AT_ONCE),
    highs: new Int32Array(IDENTITIES_AT_ONCE),
    lows: new Int32Array(IDENTITIES_AT_ONCE),
  };

  constructor(visitor: MonthVisitor) {
    this.#visitor = visitor;
  }

  /** Takes an entry that corrects another, before `usage` is told of that; one that came before says nothing new. */
  correction(call: MonthCall, revision: number, isReversed: boolean): void {
    const key = keyOf(call);
    const before = this.#corrected.get(key);
    if (before !== undefined && before.revision > revision) return;
    this.#corrected.set(key, { revision, isReversed, call: { ...call } });
  }

  /** Takes the first entry of a call. */
  usage(call: MonthCall): void {
    if (this.#corrected.size > 0 && this.#corrected.has(keyOf(call))) return;
    this.#identity(call);
    this.#visitor.visit(call);
  }

  /** Tells of the calls that were corrected, once all entries are taken. */
  finish(): void {
    for (const { call, isReversed } of this.#corrected.values()) {
      this.#identity(call);
      if (!isReversed) this.#visitor.visit(call);
    }
    this.#tellIdentities();
  }

  #identity({ account, identityHigh, identityLow }: MonthCall): void {
    const identities = this.#identities;
    const at = identities.count++;
    identities.accounts[at] = account;
    identities.highs[at] = identityHigh;
    identities.lows[at] = identityLow;
    if (identities.count === IDENTITIES_AT_ONCE) this.#tellIdentities();
  }

  #tellIdentities(): void {
    this.#visitor.visitIdentities(this.#identities);
    this.#identities.count = 0;
  }
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

function keyOf({ account, identityHigh, identityLow }: MonthCall): string {
  return `${account}:${identityHigh}:${identityLow}`;
}
