const FINGERPRINT_BITS = 12;
const ACCOUNT_BITS = 32 - FINGERPRINT_BITS;
const ACCOUNT_MASK = (1 << ACCOUNT_BITS) - 1;
const MARK_BITS = 8;
const MARK_MASK = (1 << MARK_BITS) - 1;
/** Account numbers below this are kept as they are, which costs no look-up; the others, in order of appearance. */
const DIRECT_ACCOUNTS = 1 << (ACCOUNT_BITS - 1);
const MAX_OTHER_ACCOUNTS = ACCOUNT_MASK - DIRECT_ACCOUNTS - 1;
/** A new call walks past others until a free slot, and each may have its fingerprint: half empty keeps that short. */
const MAX_LOAD = 0.5;
const GROWTH = 4;
/** 1.25 GB. */
const MAX_SLOTS = 1 << 28;

/** Identities by a place that their hash says. */
interface Table {
  /** A 12-bit fingerprint and a 20-bit account; 0 where a slot is free. */
  readonly words: Uint32Array;
  /** Eight bits more of the fingerprint, which are asked for only where the others are equal. */
  readonly marks: Uint8Array;
}

/**
 * Which identities were seen, and under which account: a filter that may say "seen" of one that was not, never the
 * reverse, for what was put in. (About 1 new call in 400,000: each costs its batch two questions to the database.)
 * Only the ledger's index decides; this says where to look, also when the same call is reported under another
 * account. 10 to 20 bytes a call: a 20-bit fingerprint and a 20-bit account, twice.
 *
 * When a table is full a larger one is put beside it, since fingerprints can't be moved. Each table is a place more to
 * look at: who knows how many calls will come says so first.
 */
export class SeenCalls {
  #tables: Table[];
  #count = 0;
  #room: number;
  readonly #otherAccounts: number[] = [];
  readonly #otherCodes = new Map<number, number>();
  readonly #seed: number;

  /**
   * @param slots room to begin with, a power of two
   * @param seed any number that nobody else knows: who did could make calls that all lie in one place, each of which
   * is walked past
   */
  constructor(slots = 1 << 20, seed = 0) {
    this.#seed = seed;
    this.#tables = [newTable(slots)];
    this.#room = slots * MAX_LOAD;
  }

  /** Makes room for so many identities more, in one table. */
  reserve(identities: number): void {
    if (identities <= this.#room - this.#count) return;
    const slots = 2 ** Math.ceil(Math.log2(identities / MAX_LOAD));
    if (this.#count === 0) this.#tables = [];
    this.#addTable(Math.min(slots, MAX_SLOTS));
  }

  /** How many identities were put in: those of one call under two accounts count twice. */
  get count(): number {
    return this.#count;
  }

  /** The accounts (the ledger's numbers) under which the identity may have been seen; empty for a new one. */
  find(high: number, low: number): number[] {
    const found: number[] = [];
    const fingerprint = fingerprintOf(high);
    const mark = markOf(high);
    for (const { words, marks } of this.#tables) {
      const mask = words.length - 1;
      let slot = placeOf(high, low, this.#seed) & mask;
      for (let value = words[slot]!; value !== 0; value = words[slot]!) {
        const isSame = value >>> ACCOUNT_BITS === fingerprint && marks[slot] === mark;
        if (isSame) note(found, this.#accountOf(value & ACCOUNT_MASK));
        slot = (slot + 1) & mask;
      }
    }
    return found;
  }

  /** Reads where `count` identities would lie, so that they are near when they are asked for; returns what it read. */
  touch(high: Int32Array, low: Int32Array, count: number): number {
    const seed = this.#seed;
    let read = 0;
    for (const { words } of this.#tables) {
      const mask = words.length - 1;
      for (let at = 0; at < count; at++) read ^= words[placeOf(high[at]!, low[at]!, seed) & mask]!;
    }
    return read;
  }

  /** Whether `find` would find anything. */
  has(high: number, low: number): boolean {
    return this.#tables.some((table) => freeSlot(table, high, low, this.#seed) < 0);
  }

  /** Puts an identity in unless `find` would find anything; whether it did. */
  addNew(high: number, low: number, account: number): boolean {
    const tables = this.#tables;
    const seed = this.#seed;
    for (let older = tables.length - 2; older >= 0; older--) {
      if (freeSlot(tables[older]!, high, low, seed) < 0) return false;
    }
    const table = tables[tables.length - 1]!;
    const slot = freeSlot(table, high, low, seed);
    if (slot < 0) return false;
    if (this.#count >= this.#room) this.add(high, low, account);
    else this.#put(table, slot, high, account);
    return true;
  }

  /**
   * Puts an identity in under `account`, once; 0 stands for records in quarantine, which have none. What calls with
   * one hash cost does not grow with how many they are.
   */
  add(high: number, low: number, account: number): void {
    if (this.#count >= this.#room) this.#grow();
    const table = this.#tables.at(-1)!;
    const mask = table.words.length - 1;
    const word = ((fingerprintOf(high) << ACCOUNT_BITS) | this.#codeOf(account)) >>> 0;
    const mark = markOf(high);
    let slot = placeOf(high, low, this.#seed) & mask;
    for (; table.words[slot] !== 0; slot = (slot + 1) & mask) {
      if (table.words[slot] === word && table.marks[slot] === mark) return;
    }
    this.#put(table, slot, high, account);
  }

  #put({ words, marks }: Table, slot: number, high: number, account: number): void {
    words[slot] = ((fingerprintOf(high) << ACCOUNT_BITS) | this.#codeOf(account)) >>> 0;
    marks[slot] = markOf(high);
    this.#count++;
  }

  /** 1 and more: a free slot is 0. */
  #codeOf(account: number): number {
    if (account < DIRECT_ACCOUNTS) return account + 1;
    const known = this.#otherCodes.get(account);
    if (known !== undefined) return known;
    if (this.#otherAccounts.length >= MAX_OTHER_ACCOUNTS) {
      throw new RangeError(`Cannot follow account number '${account}': too many accounts for one process`);
    }
    const code = DIRECT_ACCOUNTS + this.#otherAccounts.push(account);
    this.#otherCodes.set(account, code);
    return code;
  }

  #accountOf(code: number): number {
    return code <= DIRECT_ACCOUNTS ? code - 1 : (this.#otherAccounts[code - DIRECT_ACCOUNTS - 1] ?? 0);
  }

  #grow(): void {
    this.#addTable(Math.min(this.#tables.at(-1)!.words.length * GROWTH, MAX_SLOTS));
  }

  /** A table that is filled from now on; what is free in those before it stays so. */
  #addTable(slots: number): void {
    this.#tables.push(newTable(slots));
    this.#room = this.#count + slots * MAX_LOAD;
  }
}

/** The slot of a table where the identity would go; -1 when one on the way has its fingerprint. */
function freeSlot({ words, marks }: Table, high: number, low: number, seed: number): number {
  const fingerprint = fingerprintOf(high);
  const mask = words.length - 1;
  let slot = placeOf(high, low, seed) & mask;
  for (let value = words[slot]!; value !== 0; value = words[slot]!) {
    if (value >>> ACCOUNT_BITS === fingerprint && marks[slot] === markOf(high)) return -1;
    slot = (slot + 1) & mask;
  }
  return slot;
}

function note(found: number[], account: number): void {
  if (!found.includes(account)) found.push(account);
}

function fingerprintOf(high: number): number {
  return high >>> ACCOUNT_BITS;
}

/** The bits below the fingerprint's. */
function markOf(high: number): number {
  return (high >>> (ACCOUNT_BITS - MARK_BITS)) & MARK_MASK;
}

/**
 * Where an identity would lie in the largest table: identities chosen to meet under one seed are spread under
 * another.
 */
export function placeOf(high: number, low: number, seed: number): number {
  let place = Math.imul(high ^ seed, 0x9e3779b1);
  place = Math.imul(low ^ place ^ (place >>> 15), 0x85ebca6b);
  return place ^ (place >>> 13);
}

function newTable(slots: number): Table {
  return { words: new Uint32Array(slots), marks: new Uint8Array(slots) };
}
