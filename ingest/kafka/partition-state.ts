/**
 * What one worker believes of one of its partitions, and how that may change: all of it, as pure functions of values.
 * `consumer-session.ts` does what they say; `test/ingest/kafka/partition-states.test.ts` tries every order of events.
 *
 * The truth is one row of the ledger: the position, up to which everything of the partition is in the ledger. It is
 * put on record before anything is given (`readBegunStandings`), and from then on moves in two ways only, both
 * compared and swapped:
 *
 * - by the transaction that took a slice in, from the slice's begin to its end (`advanceSource`)
 * - by a person, with a name and a note (`moveSource`), which is counted, so that what was read before it can't
 *   commit after
 *
 * So whatever a worker believes, a later slice can't commit before an earlier one. What follows keeps a worker from
 * giving slices that can't commit, and from believing for long what is not so.
 *
 * - `locating`: paused, until it is known where the ledger stands. It ends by `located`, once nothing
 *   of it is under way.
 * - `reading`: fetched from the ledger's position on, in slices. It ends by `locateAgain`, where
 *   what is believed may be wrong.
 * - `stopped`: paused, until somebody decides: the log is another, or does not hold the position. It
 *   ends by `locateAgain`, once a person has moved the position.
 *
 * A partition is `assigned` by the group and begins as `locating`; with the next assignment, or the end of the
 * consumer, its state is thrown away, and with it the right to try its slices again.
 *
 * A slice is given (`give`) if it begins where the slice before it ends, in the topic that the ledger's position is
 * of. It is tried at once; when that fails it is tried again (`mayTry`) only once all given before it are settled,
 * for only then the ledger stands where it begins. It ends as taken (`tookIn`) or, when the ledger stands elsewhere
 * even then, as lost to us (`foundMoved`): whoever moved the ledger has it.
 */
export interface PartitionState {
  readonly phase: 'locating' | 'reading' | 'stopped';
  /** Where the ledger stands when all slices given so far are taken. */
  readonly position: number;
  /** The offset that the next batch must be fetched from: the position, or after offsets that hold nothing for us. */
  readonly next: number;
  /** How many of the offsets from `position` up to `next` the log does not have: nobody can say what they held. */
  readonly missing: number;
  /** How often people had moved the ledger's position when it was located. */
  readonly moves: number;
  /** Kafka's id of the topic that the position is of; `null` when the brokers can't tell. */
  readonly topicId: string | null;
  /** Given and not settled, in order. */
  readonly underWay: readonly SliceUnderWay[];
}

export interface SliceUnderWay {
  readonly from: number;
  readonly to: number;
  readonly hasFailed: boolean;
}

/** Where the ledger stands, as `located` is told. */
export interface Located {
  readonly canBeRead: boolean;
  readonly position: number;
  readonly moves: number;
  readonly topicId: string | null;
}

/** One that the group has just assigned to us. */
export function assigned(): PartitionState {
  return { phase: 'locating', position: 0, next: 0, missing: 0, moves: 0, topicId: null, underWay: [] };
}

/** The ledger and the log were asked, after nothing was under way any more. */
export function located(state: PartitionState, { canBeRead, position, moves, topicId }: Located): PartitionState {
  if (state.phase !== 'locating' || state.underWay.length > 0) {
    throw new Error(`Cannot locate a partition: it is ${state.phase} with ${state.underWay.length} slices under way`);
  }
  const phase = canBeRead ? 'reading' : 'stopped';
  return { phase, position, next: position, missing: 0, moves, topicId, underWay: [] };
}

/** What is believed may be wrong. */
export function locateAgain({ underWay }: PartitionState): PartitionState {
  return { ...assigned(), underWay };
}

/**
 * What becomes of a batch: it is taken if it was fetched from where it should be.
 *
 * @param fetched the offset from which it was fetched
 */
export function verdictOn({ phase, next }: PartitionState, fetched: number): 'take' | 'locate' | 'leave' {
  if (phase !== 'reading') return 'leave';
  return fetched === next ? 'take' : 'locate';
}

/**
 * A fetch has shown that `[from, to)` holds nothing for us: control records, aborted messages, or what compaction
 * left. It counts if it was made where the next batch is awaited.
 *
 * @param fetched the offset from which it was fetched
 */
export function sawNothing(state: PartitionState, fetched: number, from: number, to: number): PartitionState {
  if (verdictOn(state, fetched) !== 'take') return state;
  return { ...state, next: to, missing: state.missing + from - fetched };
}

/**
 * Hands a slice to the sink; `null` when it does not begin where the one before it ends.
 *
 * @param moves how often people had moved the position when the slice was fetched
 */
export function give(state: PartitionState, from: number, to: number, moves: number): PartitionState | null {
  const isNext = from === state.position && to >= state.next && moves === state.moves;
  if (state.phase !== 'reading' || !isNext) return null;
  const underWay = [...state.underWay, { from, to, hasFailed: false }];
  return { ...state, position: to, next: to, missing: 0, underWay };
}

/** Whether a slice may be tried: what has failed must wait for those before it. */
export function mayTry({ underWay }: PartitionState, from: number): boolean {
  const slice = underWay.find((one) => one.from === from);
  return slice !== undefined && (!slice.hasFailed || underWay[0] === slice);
}

/** A try has failed, for whatever reason: the slice is tried again. */
export function failed(state: PartitionState, from: number): PartitionState {
  const underWay = state.underWay.map((one) => (one.from === from ? { ...one, hasFailed: true } : one));
  return { ...state, underWay };
}

/** The slice's transaction is committed. */
export function tookIn(state: PartitionState, from: number): PartitionState {
  return without(state, from);
}

/**
 * The ledger did not stand where the slice begins. At the first try that may be because one before it has failed, and
 * it is tried again; at a later one somebody else has moved the ledger, or a try was committed after all: the slice
 * is lost to us, and a partition that is read is to be located again.
 */
export function foundMoved(state: PartitionState, from: number): PartitionState {
  const slice = state.underWay.find((one) => one.from === from);
  return slice?.hasFailed === false ? failed(state, from) : without(state, from);
}

/** Whether the slice is still to be tried. */
export function isUnderWay({ underWay }: PartitionState, from: number): boolean {
  return underWay.some((one) => one.from === from);
}

function without(state: PartitionState, from: number): PartitionState {
  return { ...state, underWay: state.underWay.filter((one) => one.from !== from) };
}
