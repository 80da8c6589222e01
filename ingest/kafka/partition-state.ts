/**
 * What one worker believes of one of its partitions, and how that may change: all of it, as pure functions of values.
 * `consumer-session.ts` does what they say; `test/ingest/kafka/partition-states.test.ts` tries every order of events.
 *
 * The truth is one row of the ledger: the position, up to which everything of the partition is in the ledger. It is put on
 * record before anything is given (`beginUnseen`), and from then on moves in two ways only, both compared and swapped:
 *
 * - by the transaction that took a slice in, from the slice's begin to its end (`advanceSource`)
 * - by a person, with a name and a note (`moveSource`), which is counted, so that what was read before it can't commit after
 *
 * So whatever a worker believes, a later slice can't commit before an earlier one. What follows keeps a worker from
 * giving slices that can't commit, and from believing for long what is not so.
 *
 * | state      | meaning                                               | it ends by                                            |
 * | ---------- | ----------------------------------------------------- | ----------------------------------------------------- |
 * | `locating` | paused, until it is known where the ledger stands     | `located`: once nothing of it is under way            |
 * | `reading`  | fetched from the ledger's position on, in slices      | `locateAgain`: what is believed may be wrong          |
 * | `stopped`  | paused, until somebody decides: the log is another,   | `locateAgain`: once a person has moved the position   |
 * |            | or does not hold the position                         |                                                       |
 *
 * A partition is `assigned` by the group and begins as `locating`; with the next assignment, or the end of the consumer, its
 * state is thrown away, and with it the right to try its slices again.
 *
 * A slice is given (`give`) if it begins where the slice before it ends, in the topic that the ledger's position is of. It is
 * tried at once; when that fails it is tried again (`mayTry`) only once all given before it are settled, for only then the
 * ledger stands where it begins. It ends as taken (`tookIn`) or, when the ledger stands elsewhere even then, as lost to us
 * (`foundMoved`): whoever moved the ledger has it.
 */
export interface PartitionState {
  readonly phase: 'locating' | 'reading' | 'stopped';
  /** Where the ledger stands when all slices given so far are taken. */
  readonly position: number;
  /** The offset that the next batch must have been fetched from: the position, or after empty offsets that follow it. */
  readonly next: number;
  /** How many of the offsets from `position` up to `next` no fetch has shown to be empty. */
  readonly unexplained: number;
  /** Empty offsets further on, if a fetch has shown some. */
  readonly leap: Leap | null;
  /** Where the ledger stands, as far as is known. */
  readonly taken: number;
  /** How often people had moved the ledger's position when it was located. */
  readonly moves: number;
  /** Kafka's id of the topic that the position is of; `null` when the brokers can't tell. */
  readonly topicId: string | null;
  /** Given and not settled, in order. */
  readonly underWay: readonly SliceUnderWay[];
}

/**
 * Offsets `[from, to)` that hold nothing for us, but do not follow `since`, where a batch was awaited: the log has a gap in
 * between, or kafkajs began elsewhere. The ledger and the log must be asked which.
 */
export interface Leap {
  readonly since: number;
  readonly from: number;
  readonly to: number;
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
  const nowhere = { position: 0, next: 0, unexplained: 0, leap: null, taken: 0, moves: 0, topicId: null };
  return { phase: 'locating', ...nowhere, underWay: [] };
}

/** The ledger and the log were asked, after nothing was under way any more. */
export function located(state: PartitionState, { canBeRead, position, moves, topicId }: Located): PartitionState {
  if (state.phase !== 'locating' || state.underWay.length > 0) {
    throw new Error(`Cannot locate a partition: it is ${state.phase} with ${state.underWay.length} slices under way`);
  }
  const at = { position, next: position, unexplained: 0, leap: null, taken: position, moves, topicId, underWay: [] };
  if (!canBeRead) return { phase: 'stopped', ...at };
  const { leap } = state;
  // The log holds the position, so that kafkajs did not begin elsewhere: it really has nothing in between.
  const isConfirmed = leap !== null && leap.since === position && state.moves === moves;
  return { phase: 'reading', ...at, ...(isConfirmed ? { next: leap.to, unexplained: leap.from - position } : {}) };
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
 * What is believed may be wrong.
 *
 * @param fetched the offset from which a batch was fetched that was not awaited; `null` for other reasons
 */
export function locateAgain(state: PartitionState, fetched: number | null): PartitionState {
  const { leap } = state;
  return { ...state, phase: 'locating', leap: leap !== null && leap.to === fetched ? leap : null };
}

/** A fetch has shown that `[from, to)` holds nothing for us: control records, aborted messages, or what compaction left. */
export function sawNothing(state: PartitionState, from: number, to: number): PartitionState {
  const { phase, next, leap } = state;
  if (phase !== 'reading') return state;
  if (from === next) return { ...state, next: to, leap: null };
  if (leap !== null && leap.to === from) return { ...state, leap: { ...leap, to } };
  return from > next ? { ...state, leap: { since: next, from, to } } : state;
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
  return { ...state, position: to, next: to, unexplained: 0, leap: null, underWay };
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
export function tookIn(state: PartitionState, from: number, to: number): PartitionState {
  return { ...without(state, from), taken: to };
}

/**
 * The ledger did not stand where the slice begins. At the first try that may be because one before it has failed, and it is
 * tried again; at a later one somebody else has moved the ledger, or a try was committed after all: the slice is lost to us,
 * and a partition that is read is to be located again.
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
