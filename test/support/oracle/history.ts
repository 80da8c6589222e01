import * as fc from 'fast-check';
import type { Decision, Line } from '../../../rater/line/line.ts';
import type { Offer } from '../../../rules/offer.ts';
import type {
  OracleClassified,
  OracleClose,
  OracleDeckEntry,
  OracleDeckRow,
  OracleInput,
  OracleRecord,
} from './oracle-types.ts';
import { plainClassify } from './plain-numbering.ts';
import { fnv1a64 } from './record-content.ts';

/** One arrival of a record: the same content may arrive again, also in another spelling. */
export interface Delivery {
  /** Index into `cdrs`. */
  readonly cdr: number;
  /** The line of canonical NDJSON as the switch wrote it this time, without line end. */
  readonly text: string;
}

/** What people enter between two batches. */
export interface HistoryChange {
  /** How many batches have been delivered before it: 0 before the first, the number of batches after the last. */
  readonly afterBatches: number;
  /** The full new state of these lines, which replaces what was known of them; lines not named stay as they are. */
  readonly lines: readonly Line[];
  /** In ascending `sequence`, also from change to change. */
  readonly decisions: readonly Decision[];
  /** Decks that are scheduled, one after the other. */
  readonly decks: readonly OracleDeckEntry[];
  /** How many months are closed after all that, each the next in order: which they are hangs on what was rated. */
  readonly closes?: number;
}

/** A small world and how it becomes known. What counts in the end is what is known in the end. */
export interface History {
  readonly offers: readonly Offer[];
  readonly deck: readonly OracleDeckRow[];
  readonly linesAtFirst: readonly Line[];
  /** Every distinct record; each is delivered at least once. */
  readonly cdrs: readonly OracleRecord[];
  readonly deliveries: readonly Delivery[];
  /** Cuts `deliveries` into batches; the sizes add up to its length. */
  readonly batchSizes: readonly number[];
  /** Numbers of delivered batches (1 = after the first) at which the worker starts anew, from what is stored. */
  readonly restartsAfterBatch: readonly number[];
  /** In ascending `afterBatches`, at most one for each. */
  readonly changes: readonly HistoryChange[];
  /** How fast-check prints a counterexample. */
  readonly [fc.toStringMethod]: () => string;
}

/** One thing that happens to the system under test. */
export type HistoryStep =
  | { readonly kind: 'batch'; readonly deliveries: readonly Delivery[] }
  | { readonly kind: 'change'; readonly change: HistoryChange }
  | { readonly kind: 'restart' }
  | { readonly kind: 'close' };

/** The history as a plain list of steps: after each batch its restart, then what people enter. */
export function stepsOf(history: History): HistoryStep[] {
  const steps: HistoryStep[] = [];
  const enter = (afterBatches: number): void => {
    for (const change of history.changes) {
      if (change.afterBatches !== afterBatches) continue;
      steps.push({ kind: 'change', change });
      for (let closed = 0; closed < (change.closes ?? 0); closed++) steps.push({ kind: 'close' });
    }
  };
  enter(0);
  let delivered = 0;
  for (const [index, size] of history.batchSizes.entries()) {
    steps.push({ kind: 'batch', deliveries: history.deliveries.slice(delivered, delivered + size) });
    delivered += size;
    if (history.restartsAfterBatch.includes(index + 1)) steps.push({ kind: 'restart' });
    enter(index + 1);
  }
  return steps;
}

/** The lines as known after the first `count` changes. */
export function linesAfter(history: Pick<History, 'linesAtFirst' | 'changes'>, count: number): Line[] {
  const lines = new Map(history.linesAtFirst.map((line) => [line.id, line]));
  for (const change of history.changes.slice(0, count)) {
    for (const line of change.lines) lines.set(line.id, line);
  }
  return [...lines.values()];
}

/** How far a history was played, and what was kept of it, when a month was closed. */
export interface PlayedClose {
  /** yyyymm. */
  readonly period: number;
  /** Batches delivered, and changes entered, before it. */
  readonly batches: number;
  readonly changes: number;
  readonly decisions: readonly Decision[];
}

/**
 * The same where months were closed meanwhile: each close with what was known then.
 */
export function oracleInputWithCloses(
  history: History,
  classify: (dialled: string) => OracleClassified,
  decisions: readonly Decision[],
  closes: readonly PlayedClose[],
): OracleInput {
  const made: OracleClose[] = [];
  for (const { period, batches, changes, decisions: taken } of closes) {
    const delivered = history.batchSizes.slice(0, batches).reduce((sum, size) => sum + size, 0);
    const soFar = {
      ...history,
      deliveries: history.deliveries.slice(0, delivered),
      changes: history.changes.slice(0, changes),
    };
    made.push({ period, known: { ...oracleInputOf(soFar, classify, taken), closes: [...made] } });
  }
  return { ...oracleInputOf(history, classify, decisions), closes: made };
}

/**
 * All that is known in the end, for the oracle. `classify` defaults to the plain plan of these histories, `decisions`
 * to those of the history; who played it says which were kept, and with which breach.
 */
export function oracleInputOf(
  history: History,
  classify: (dialled: string) => OracleClassified = plainClassify,
  decisions: readonly Decision[] = history.changes.flatMap((change) => change.decisions),
): OracleInput {
  return {
    records: history.deliveries.flatMap(({ cdr }) => history.cdrs[cdr] ?? []),
    receivedAt: history.deliveries.map((delivery) => receivedAtOf(history, delivery)),
    lines: linesAfter(history, history.changes.length),
    offers: history.offers,
    decisions,
    deck: history.deck,
    laterDecks: history.changes.flatMap(({ decks }) => decks),
    classify,
  };
}

const DAY = 86_400_000;

/**
 * How long after its start the record of a call reaches its source, ms: at once, never said, and around what is
 * plausible.
 */
const DELAYS: readonly (number | null)[] = [
  0,
  0,
  0,
  60_000,
  60_000,
  3_600_000,
  3_600_000,
  5 * DAY,
  null,
  null,
  null,
  null,
  -DAY,
  -DAY - 1,
  400 * DAY,
  400 * DAY + 1,
];

/**
 * When a delivery reached its source, ms, or `null` where that does not say: it hangs on how the record was spelled.
 */
export function receivedAtOf({ cdrs }: Pick<History, 'cdrs'>, { cdr, text }: Delivery): number | null {
  const record = cdrs[cdr];
  const delay = DELAYS[Number(BigInt(`0x${fnv1a64(text)}`) % BigInt(DELAYS.length))] ?? null;
  return record === undefined || delay === null ? null : record.startedAt + delay;
}

function instantText(_key: string, value: unknown): unknown {
  if (value === Infinity) return 'open';
  if (value === -Infinity) return 'ever';
  return typeof value === 'number' && value > 1e12 ? new Date(value).toISOString() : value;
}

function write(value: unknown): string {
  return JSON.stringify(value, instantText);
}

/** A history as text that a person can read: offers, lines, then step by step what happened. */
export function formatHistory(history: History): string {
  const parts = [
    ...history.offers.map((offer) => `offer   ${write(offer)}`),
    ...history.linesAtFirst.map((line) => `line    ${write(line)}`),
    ...stepsOf(history).flatMap((step) => {
      switch (step.kind) {
        case 'batch':
          return ['batch', ...step.deliveries.map(({ text }) => `  ${text}`)];
        case 'change':
          return [
            ...step.change.lines.map((line) => `change  ${write(line)}`),
            ...step.change.decisions.map((decision) => `decide  ${write(decision)}`),
            ...step.change.decks.map((deck) => `deck    ${write(deck)}`),
          ];
        case 'restart':
          return ['restart'];
        case 'close':
          return ['close   the next month'];
        default:
          return step satisfies never;
      }
    }),
  ];
  return `\n${parts.join('\n')}\n`;
}
