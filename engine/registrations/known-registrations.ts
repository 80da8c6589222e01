import {
  type LineState,
  LONGEST_REGISTRATION_MS,
  NO_REGISTRATIONS,
  type Registration,
  type RegistrationAnswers,
  type RegistrationEvent,
  bucketOf,
  factSpanAt,
  registeredKeysOf,
  registrationsAt,
} from '../../rater/index.ts';
import type { NumberingPlan } from '../../tariffs/index.ts';
import { type ChunksOfParty, type Queryable, chunkOf, registrationsOf } from '../../ledger/index.ts';

/** Lines, and the starts of calls of theirs whose records don't tell where they came from. */
export type Questions = ReadonlyMap<LineState, ReadonlySet<number>>;

/** More than a few batches ask for. */
const MOST_ANSWERS = 50_000;

/** What the ledger answered, of lines at the starts of calls, for the batches under way: nothing is known beyond. */
export class KnownRegistrations implements RegistrationAnswers {
  /** By line, then by instant. */
  readonly #answers = new Map<number, Map<number, readonly Registration[]>>();
  #size = 0;

  of({ no }: { readonly no: number }, instant: number): readonly Registration[] {
    return this.#answers.get(no)?.get(instant) ?? NO_REGISTRATIONS;
  }

  /** Forgets what was answered, where that is much: for when no batch is under way. */
  trim(): void {
    if (this.#size <= MOST_ANSWERS) return;
    this.#answers.clear();
    this.#size = 0;
  }

  /** Asks the ledger, also what was asked before; returns the lines of which it knows otherwise by now. */
  async ask(q: Queryable, plan: NumberingPlan, questions: Questions): Promise<ReadonlySet<LineState>> {
    const changed = new Set<LineState>();
    if (questions.size === 0) return changed;
    const asked = new Map<string, { from: number; to: number }>();
    const keysAt = (line: LineState, instant: number): readonly string[] =>
      registeredKeysOf(line.id, factSpanAt(line, instant)?.number ?? null, plan);
    for (const [line, instants] of questions) {
      for (const instant of instants) {
        const from = chunkOf(instant - LONGEST_REGISTRATION_MS);
        const to = chunkOf(instant);
        for (const key of keysAt(line, instant)) {
          const known = asked.get(key);
          if (known === undefined) asked.set(key, { from, to });
          else {
            known.from = Math.min(known.from, from);
            known.to = Math.max(known.to, to);
          }
        }
      }
    }
    const chunks = [...asked].map(([party, range]): ChunksOfParty => ({ bucket: bucketOf(party), party, ...range }));
    const events = await registrationsOf(q, chunks);
    for (const ofParty of events.values()) ofParty.sort((a, b) => a.at - b.at);
    for (const [line, instants] of questions) {
      for (const instant of instants) {
        const said = keysAt(line, instant).flatMap((key) => lately(events.get(key) ?? [], instant));
        if (this.#set(line.no, instant, registrationsAt(said, instant))) changed.add(line);
      }
    }
    return changed;
  }

  /** Whether another answer was known. */
  #set(no: number, instant: number, answer: readonly Registration[]): boolean {
    const ofLine = this.#answers.get(no) ?? new Map<number, readonly Registration[]>();
    this.#answers.set(no, ofLine);
    const before = ofLine.get(instant);
    ofLine.set(instant, answer);
    if (before === undefined) this.#size++;
    return before !== undefined && JSON.stringify(before) !== JSON.stringify(answer);
  }
}

/** The events of the last day before an instant: no older one tells anything of it. */
function lately(events: readonly RegistrationEvent[], instant: number): readonly RegistrationEvent[] {
  return events.slice(firstAfter(events, instant - LONGEST_REGISTRATION_MS - 1), firstAfter(events, instant));
}

/** The place of the first event after an instant, of events in order. */
function firstAfter(events: readonly RegistrationEvent[], instant: number): number {
  let [low, high] = [0, events.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (events[middle]!.at <= instant) low = middle + 1;
    else high = middle;
  }
  return low;
}
