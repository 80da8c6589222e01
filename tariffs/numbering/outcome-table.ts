import { compilePrefixTrie } from '../prefix-trie.ts';
import { admitsLength, type NsnLengths } from './nsn-lengths.ts';
import type { PrefixIndex, PrefixOutcome, PrefixRow } from './prefix-rows.ts';
import { REFUSAL_CODES, type RefusalCode } from './refusal.ts';

/** Most digits of an E.164 number; a row of the outcome table has a column for each total length. */
export const MAX_E164_DIGITS = 15;

/** Fewer digits in all would collide with short codes (`SHORT_CODE_LIMIT`). No country uses them from abroad. */
const MIN_E164_DIGITS = 7;

const COLUMNS = MAX_E164_DIGITS + 1;

/** Outcomes from here on are overseas leads: 20590 stands for "write 590 instead of 33". */
const OVERSEAS_OUTCOME = 20_000;

/**
 * The compiled plan: walk the trie as deep as the digits go, then one read tells what the number is. All precedence
 * (longest prefix, length rules, invalid ranges) is decided here, at compile time, for each node and number length.
 */
export interface OutcomeTable {
  /** By node * 10 + digit: the child node, 0 for none; node 0 is the root. */
  readonly children: Int32Array;
  /** By node: the start of its row in `outcomes`; nodes with the same answers share one. */
  readonly rowOf: Int32Array;
  /** By row + total digits: a destination id, a negative refusal, or an overseas lead. */
  readonly outcomes: Int16Array;
}

/** What an outcome number stands for. */
export type Outcome =
  | { readonly kind: 'destination'; readonly id: number }
  | { readonly kind: 'refusal'; readonly reason: RefusalCode }
  | { readonly kind: 'overseas'; readonly lead: number };

/** Reads an outcome number of the table. */
export function decodeOutcome(outcome: number): Outcome {
  if (outcome >= OVERSEAS_OUTCOME) return { kind: 'overseas', lead: outcome - OVERSEAS_OUTCOME };
  if (outcome >= 0) return { kind: 'destination', id: outcome };
  return { kind: 'refusal', reason: REFUSAL_CODES[-1 - outcome] ?? 'not-a-number' };
}

/** Whether an outcome number is a destination id: the only question of the hot path. */
export function isDestinationOutcome(outcome: number): boolean {
  return outcome >= 0 && outcome < OVERSEAS_OUTCOME;
}

/** Compiles the rows of a plan; `idOf` gives a destination's id by name. */
export function compileOutcomes(index: PrefixIndex, idOf: (name: string) => number): OutcomeTable {
  const prefixes = new Set([...index.rows.keys(), ...index.lengthRules.keys(), ...index.countryCodes]);
  const { children } = compilePrefixTrie([...prefixes].map((prefix, value) => ({ prefix, value })));
  const rowOf = new Int32Array(children.length / 10);
  const rows = new Map<string, number>();
  const outcomes: number[] = [];
  const intern = (row: readonly number[]): number => {
    const key = row.join();
    const start = rows.get(key) ?? outcomes.length;
    if (!rows.has(key)) outcomes.push(...row);
    rows.set(key, start);
    return start;
  };
  const visit = (node: number, prefix: string, above: Inherited): void => {
    const here = inherit(above, index, prefix, idOf);
    rowOf[node] = intern(admittedOutcomes(here));
    for (let digit = 0; digit < 10; digit++) {
      const child = children[node * 10 + digit] ?? 0;
      if (child !== 0) visit(child, prefix + digit, here);
    }
  };
  visit(0, '', NOTHING);
  return { children, rowOf, outcomes: Int16Array.from(outcomes) };
}

/** What a node of the trie knows from the nodes above it. */
interface Inherited {
  readonly codeLength: number;
  readonly lengths: NsnLengths;
  /** By total digits. */
  readonly outcomes: readonly number[];
}

const NOTHING: Inherited = {
  codeLength: 0,
  lengths: 0,
  outcomes: Array.from({ length: COLUMNS }, () => encodeRefusal('unassigned-number')),
};

function inherit(above: Inherited, index: PrefixIndex, prefix: string, idOf: (name: string) => number): Inherited {
  const codeLength = index.countryCodes.has(prefix) ? prefix.length : above.codeLength;
  const rows = (index.rows.get(prefix) ?? []).toSorted((a, b) => a.lengths - b.lengths);
  const outcomes = above.outcomes.map((outcome, total) => {
    const winner = rows.findLast((row: PrefixRow) => admitsLength(row.lengths, total - codeLength));
    return winner === undefined ? outcome : encodeOutcome(winner.outcome, idOf);
  });
  return { codeLength, lengths: index.lengthRules.get(prefix) ?? above.lengths, outcomes };
}

function admittedOutcomes({ codeLength, lengths, outcomes }: Inherited): readonly number[] {
  return outcomes.map((outcome, total) => {
    const isAdmitted = total >= MIN_E164_DIGITS && codeLength > 0 && admitsLength(lengths, total - codeLength);
    return outcome < 0 || isAdmitted ? outcome : encodeRefusal('wrong-length');
  });
}

function encodeOutcome(outcome: PrefixOutcome, idOf: (name: string) => number): number {
  switch (outcome.kind) {
    case 'destination':
      return idOf(outcome.name);
    case 'refusal':
      return encodeRefusal(outcome.reason);
    case 'overseas':
      return OVERSEAS_OUTCOME + outcome.lead;
    default:
      return outcome satisfies never;
  }
}

function encodeRefusal(reason: RefusalCode): number {
  return -1 - REFUSAL_CODES.indexOf(reason);
}
