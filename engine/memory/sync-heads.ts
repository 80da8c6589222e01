import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  type Head,
  type MovedEntries,
  type Queryable,
  type Transaction,
  catalogueVersion,
  entriesBetween,
} from '../../ledger/index.ts';
import type { LineState } from '../../rater/index.ts';
import { identityKey } from '../settling/identity-halves.ts';
import type { RatingState } from './rating-state.ts';

/** Memory can't be brought up to what other writers did: it is loaded again, and the batch repeated. */
export class StaleStateError extends Error {
  override readonly name: string = 'StaleStateError';
}

/** The offers, the rate deck or the numbering plan are others by now: all of memory is loaded again. */
export class StaleCatalogueError extends StaleStateError {
  override readonly name: string = 'StaleCatalogueError';
}

/**
 * The ledger is a copy, restored perhaps under a process that ran: all of memory is of another. The batch is repeated
 * once the copy keeps where its own postings begin.
 */
export class CopyNotBegunError extends StaleCatalogueError {
  override readonly name = 'CopyNotBegunError';
}

/** Only lines of some buckets are in memory, and the task turned out to need those of all. */
export class LinesMissingError extends StaleStateError {
  override readonly name = 'LinesMissingError';
}

/** Where more than this was posted since, a month is read again as a whole. */
const MAX_ENTRIES = 50_000;
/** What is taken in without a pause, about: others have something to be answered. */
const STEP_MS = 1;
/** Taken in before the clock is looked at again. */
const ENTRIES_A_LOOK = 50;

/** What other writers did to buckets, as far as it concerns a batch that was rated before it was known. */
export interface Synced {
  /** Lines that are new, or whose facts, decisions or verdicts are not what they were. */
  readonly changed: ReadonlySet<LineState>;
  /** Lines that have calls more. */
  readonly grown: ReadonlySet<LineState>;
  /** Lines of which calls are billed no more, or measured otherwise, with the earliest period. */
  readonly remeasured: ReadonlyMap<LineState, number>;
  /**
   * Identities that were posted, or are watched now, of those that were seen before: a batch under way may have them
   * too.
   */
  readonly postedElsewhere: ReadonlySet<string>;
}

/** The same, while entries are taken in. */
interface Taken extends Synced {
  readonly grown: Set<LineState>;
  readonly remeasured: Map<LineState, number>;
  readonly postedElsewhere: Set<string>;
}

export const NOTHING_SYNCED: Synced = {
  changed: new Set(),
  grown: new Set(),
  remeasured: new Map(),
  postedElsewhere: new Set(),
};

/**
 * Brings memory up to where these heads are: facts, decisions and verdicts are read again of the buckets that moved,
 * and the entries that were posted since. The cost is that of what changed.
 *
 * @param isBatchUnderWay months hold calls of a batch that is in no ledger yet: they can't be loaded again. Then
 *   `StaleStateError` says that too much has changed to go on.
 */
export async function syncHeads(
  q: Queryable & Pick<Transaction, 'copyOut'>,
  state: RatingState,
  heads: readonly Head[],
  isBatchUnderWay: boolean,
): Promise<Synced> {
  const moved = heads.filter((head) => !state.isCurrent(head) || state.spoiled.has(head.bucket));
  if (moved.length === 0) return NOTHING_SYNCED;
  const { changed, watched } = await syncFacts(q, state, moved, isBatchUnderWay);
  const entries = await readEntries(q, state, moved, isBatchUnderWay);
  const synced = newSynced(changed, watched);
  while (takeEntries(state, entries, synced, isBatchUnderWay ? Infinity : STEP_MS)) await nextTurn();
  if (!isBatchUnderWay) releaseRemeasured(state, synced);
  for (const { bucket, position, facts } of moved) {
    state.heads.set(bucket, { position, facts });
    state.spoiled.delete(bucket);
  }
  return synced;
}

async function syncFacts(
  q: Queryable,
  state: RatingState,
  moved: readonly Head[],
  isBatchUnderWay: boolean,
): Promise<{ readonly changed: readonly LineState[]; readonly watched: readonly string[] }> {
  const factsChanged = moved.filter(
    ({ bucket, facts }) => state.heads.get(bucket)?.facts !== facts || state.spoiled.has(bucket),
  );
  const changed: LineState[] = [];
  let watched: readonly string[] = [];
  if (factsChanged.length > 0) {
    if ((await catalogueVersion(q)) !== state.catalogue.version) {
      throw new StaleCatalogueError('Offers, rate deck or numbering plan have changed');
    }
    await state.loadCloses(q);
    if ((await state.loadHasRegistrations(q)) && isBatchUnderWay) {
      throw new StaleStateError('Calls are judged by registrations from now on');
    }
    changed.push(...(await state.lines.load(q, { buckets: bucketsOf(factsChanged) })));
    watched = await state.loadWatched(q, bucketsOf(factsChanged));
  }
  changed.push(...(await state.loadVerdicts(q, bucketsOf(moved))));
  return { changed, watched };
}

/** What was posted to the buckets of which months are in memory; the months are released where that is too much. */
async function readEntries(
  q: Pick<Transaction, 'copyOut'>,
  state: RatingState,
  moved: readonly Head[],
  isBatchUnderWay: boolean,
): Promise<MovedEntries> {
  const inMemory = new Set(state.months.all().map(({ bucket }) => bucket));
  const grown = moved
    .map(({ bucket, position }) => ({ bucket, after: state.heads.get(bucket)?.position ?? 0, upTo: position }))
    .filter(({ after, upTo }) => after !== upTo);
  const followed = grown.filter(({ bucket }) => inMemory.has(bucket));
  const isTooMuch = followed.reduce((sum, { after, upTo }) => sum + upTo - after, 0) > MAX_ENTRIES;
  if (isTooMuch && isBatchUnderWay) throw new StaleStateError('Other writers posted too much to follow');
  for (const { bucket } of grown) {
    if (!isTooMuch && inMemory.has(bucket)) continue;
    state.release(state.months.ofBuckets(new Set([bucket])));
    state.forgetIdentities(bucket);
  }
  return entriesBetween(q, isTooMuch ? [] : followed);
}

function newSynced(changed: readonly LineState[], watched: readonly string[]): Taken {
  return { changed: new Set(changed), grown: new Set(), remeasured: new Map(), postedElsewhere: new Set(watched) };
}

/** Takes entries in for so many ms, about; whether there may be more. */
function takeEntries(state: RatingState, next: MovedEntries, into: Taken, ms: number): boolean {
  const end = performance.now() + ms;
  const { grown, remeasured, postedElsewhere } = into;
  for (let left = ENTRIES_A_LOOK; ; left--) {
    if (left === 0) {
      if (performance.now() >= end) return true;
      left = ENTRIES_A_LOOK;
    }
    const entry = next();
    if (entry === null) return false;
    const { identityHigh: high, identityLow: low } = entry;
    const line = state.lineOf(entry.line);
    if (state.seen.has(high, low)) postedElsewhere.add(identityKey(high, low));
    state.takeEntry(entry);
    grown.add(line);
    if (entry.changesMeasures) {
      remeasured.set(line, Math.min(remeasured.get(line) ?? entry.period, entry.period));
    }
  }
}

/** Months that lost a call can't be mended in memory: they are loaded again when a call asks for them. */
function releaseRemeasured(state: RatingState, { remeasured }: Synced): void {
  for (const [{ bucket }, fromPeriod] of remeasured) {
    const months = state.months.ofBuckets(new Set([bucket]));
    state.release(months.filter(({ period }) => period >= fromPeriod));
  }
}

function bucketsOf(heads: readonly Head[]): number[] {
  return heads.map(({ bucket }) => bucket);
}
