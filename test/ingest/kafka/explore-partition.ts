import {
  assigned,
  failed,
  foundMoved,
  give,
  isUnderWay,
  located,
  locateAgain,
  mayTry,
  type PartitionState,
  sawNothing,
  tookIn,
  verdictOn,
} from '../../../ingest/kafka/partition-state.ts';

/**
 * Tries every order of events of one partition, two workers and the ledger, breadth first: the workers move by the real
 * functions of `partition-state.ts`, as `consumer-session.ts` calls them, the ledger compares and swaps as
 * `ledger/sources/source-store.ts` does. Everything else is free to do its worst, as often as `Freedom` says.
 */
export interface Freedom {
  /** The log: `m` a message, `c` a control record, one an offset. */
  readonly log: string;
  /** Where the log begins at first. */
  readonly logStart?: number;
  /** Records a slice. */
  readonly sliceRecords: number;
  /** How often a try fails; how often a partition is assigned anew, or its worker dies and comes back. */
  readonly failures: number;
  readonly assignments: number;
  /** How often kafkajs goes on elsewhere than it should, as after its resets. */
  readonly wanderings?: number;
  /** How often a person moves the position, somewhere in the log. */
  readonly moves?: number;
  /** How often the topic is deleted and made anew, with a log that looks the same. */
  readonly remakes?: number;
  /** How often the log loses its first offset. */
  readonly deletions?: number;
}

/** What is done wrongly on purpose, to see that it is found. */
export type Mutation = 'begins-anywhere' | 'trusts-kafkajs' | 'ignores-moves' | 'ignores-topic';

interface Row {
  readonly position: number;
  readonly moves: number;
  readonly topic: number;
}

/** A slice with what it holds. */
interface Given {
  readonly from: number;
  readonly to: number;
  readonly messages: readonly number[];
  readonly topic: number;
  readonly moves: number;
}

interface FetchedBatch {
  readonly fetched: number;
  readonly to: number;
  readonly topic: number;
}

interface WorkerWorld {
  readonly state: PartitionState;
  /** What the ledger and the log have answered, not acted upon yet. */
  readonly answer: { readonly row: Row; readonly topic: number; readonly start: number } | null;
  /** Where kafkajs fetches next, and what it has fetched. */
  readonly fetchAt: number;
  readonly batch: FetchedBatch | null;
  /** The batch whose slices are being given. */
  readonly cutting: { readonly slices: readonly Given[]; readonly moves: number } | null;
  readonly given: readonly Given[];
}

interface World {
  readonly row: Row | null;
  readonly topic: number;
  readonly start: number;
  /** Offsets whose message is in the ledger, of the topic that the row is of; those that a person skipped. */
  readonly taken: readonly number[];
  readonly skipped: readonly number[];
  /** Where the ledger has the log begin. */
  readonly begin: number;
  /** Transactions that nobody waits for any more, and that may be committed yet. */
  readonly orphans: readonly Given[];
  readonly workers: readonly WorkerWorld[];
  readonly left: Required<Pick<Freedom, 'failures' | 'assignments' | 'wanderings' | 'moves' | 'remakes' | 'deletions'>>;
}

export interface Exploration {
  readonly states: number;
  /** What went wrong, with the events that led there; `null` when nothing can. */
  readonly loss: { readonly what: string; readonly events: readonly string[] } | null;
  /** States from which no order of events takes everything in: of those, an example. */
  readonly stuck: readonly string[] | null;
}

class Wrong extends Error {}

/** A worker of which nothing is known but the slices under way. */
const NOWHERE = { state: assigned(), answer: null, fetchAt: 0, batch: null, cutting: null };

const MOST_STATES = 600_000;

export function explore(freedom: Freedom, mutation: Mutation | null = null): Exploration {
  const explorer = new Explorer(freedom, mutation);
  return explorer.run();
}

class Explorer {
  readonly #freedom: Freedom;
  readonly #mutation: Mutation | null;
  readonly #indexOf = new Map<string, number>();
  readonly #worlds: (World | null)[] = [];
  readonly #cameFrom: { readonly index: number; readonly event: string }[] = [];
  /** By state, the states that lead to it. */
  readonly #before: number[][] = [];
  readonly #goals: number[] = [];
  readonly #mayEnd: boolean[] = [];

  constructor(freedom: Freedom, mutation: Mutation | null) {
    this.#freedom = freedom;
    this.#mutation = mutation;
  }

  run(): Exploration {
    this.#meet(this.#firstWorld(), { index: -1, event: '' });
    for (let index = 0; index < this.#worlds.length; index++) {
      const world = this.#worlds[index]!;
      // Kept for as long as it is needed: a million worlds are too many.
      this.#worlds[index] = null;
      try {
        for (const [event, next] of this.#eventsOf(world)) {
          const found = this.#meet(next, { index, event });
          this.#before[found]!.push(index);
        }
      } catch (error) {
        if (!(error instanceof Wrong)) throw error;
        return { states: this.#worlds.length, loss: { what: error.message, events: this.#pathTo(index) }, stuck: null };
      }
      if (this.#worlds.length > MOST_STATES) throw new Error(`Cannot explore all: more than ${MOST_STATES} states`);
    }
    return { states: this.#worlds.length, loss: null, stuck: this.#findStuck() };
  }

  #firstWorld(): World {
    const {
      failures,
      assignments,
      wanderings = 0,
      moves = 0,
      remakes = 0,
      deletions = 0,
      logStart = 0,
    } = this.#freedom;
    const worker: WorkerWorld = { ...NOWHERE, given: [] };
    return {
      row: null,
      topic: 0,
      start: logStart,
      begin: logStart,
      taken: [],
      skipped: [],
      orphans: [],
      workers: [worker, worker],
      left: { failures, assignments, wanderings, moves, remakes, deletions },
    };
  }

  #meet(world: World, cameFrom: { index: number; event: string }): number {
    // Which of the two workers is which makes no difference.
    const { workers, ...rest } = world;
    const key =
      JSON.stringify(rest) +
      workers
        .map((worker) => JSON.stringify(worker))
        .toSorted()
        .join('');
    const known = this.#indexOf.get(key);
    if (known !== undefined) return known;
    const index = this.#worlds.length;
    this.#indexOf.set(key, index);
    this.#worlds.push(world);
    this.#cameFrom.push(cameFrom);
    this.#before.push([]);
    if (this.#isDone(world)) this.#goals.push(index);
    this.#mayEnd.push(this.#mayStop(world));
    return index;
  }

  /** Everything that the log has is in the ledger. */
  #isDone({ row, start }: World): boolean {
    return row !== null && row.position === this.#freedom.log.length && start <= row.position;
  }

  /** The log is another, or lost what was not taken in: then nothing goes on until a person decides. */
  #mayStop({ row, topic, start }: World): boolean {
    return row !== null && (row.topic !== topic || row.position < start);
  }

  #pathTo(index: number): string[] {
    const events: string[] = [];
    for (let at = index; at > 0; at = this.#cameFrom[at]!.index) events.unshift(this.#cameFrom[at]!.event);
    return events;
  }

  #findStuck(): readonly string[] | null {
    const isFree = new Uint8Array(this.#before.length);
    const queue = [...this.#goals, ...this.#mayEnd.flatMap((mayEnd, index) => (mayEnd ? [index] : []))];
    for (const index of queue) isFree[index] = 1;
    while (queue.length > 0) {
      for (const before of this.#before[queue.pop()!]!) {
        if (isFree[before] === 1) continue;
        isFree[before] = 1;
        queue.push(before);
      }
    }
    const stuck = isFree.indexOf(0);
    return stuck < 0 ? null : this.#pathTo(stuck);
  }

  *#eventsOf(world: World): Generator<[string, World]> {
    for (const no of world.workers.keys()) yield* this.#eventsOfWorker(world, no);
    for (const [no, orphan] of world.orphans.entries()) {
      const without = { ...world, orphans: world.orphans.filter((_, at) => at !== no) };
      yield [`orphan ${show(orphan)} is rolled back`, without];
      const committed = this.#advance(without, orphan, orphan.to);
      if (committed !== null) yield [`orphan ${show(orphan)} is committed`, committed];
    }
    yield* this.#eventsOfPeople(world);
  }

  *#eventsOfPeople(world: World): Generator<[string, World]> {
    const { row, left, topic, start } = world;
    const { log } = this.#freedom;
    if (left.moves > 0 && row !== null) {
      for (let to = start; to <= log.length; to++) {
        yield [`a person moves it to ${to}`, movedByPerson(world, row, to)];
      }
    }
    if (left.remakes > 0) {
      yield ['the topic is made anew', { ...world, topic: topic + 1, start: 0, left: less(left, 'remakes') }];
    }
    if (left.deletions > 0 && start < log.length) {
      yield ['the log loses its first offset', { ...world, start: start + 1, left: less(left, 'deletions') }];
    }
  }

  *#eventsOfWorker(world: World, no: number): Generator<[string, World]> {
    const worker = world.workers[no]!;
    const { state, answer, batch, cutting } = worker;
    const me = `worker ${no}`;
    if (world.left.assignments > 0) {
      const orphans = [...world.orphans, ...worker.given];
      const fresh = { ...NOWHERE, given: [] };
      yield [`${me} is assigned anew`, set({ ...world, orphans, left: less(world.left, 'assignments') }, no, fresh)];
    }
    if (state.phase === 'locating' && answer === null && state.underWay.length === 0) {
      yield [`${me} asks`, this.#ask(world, no)];
    }
    if (answer !== null) yield [`${me} is told ${JSON.stringify(answer.row)}`, this.#place(world, no, answer)];
    if (state.phase === 'stopped' && world.row !== null && !this.#mayStop(world)) {
      yield [`${me} sees that it may go on`, set(world, no, lostItsPlace(worker))];
    }
    if (state.phase === 'reading' && world.row !== null && world.row.moves !== state.moves) {
      yield [`${me} looks around`, set(world, no, lostItsPlace(worker))];
    }
    if (state.phase === 'reading' && this.#mayStop(world)) {
      yield [`${me} looks around`, set(world, no, lostItsPlace(worker))];
    }
    if (state.phase === 'reading' && state.next > state.position && state.underWay.length === 0) {
      yield* this.#giveEmpty(world, no);
    }
    if (state.phase === 'reading' && batch === null && cutting === null) yield* this.#fetch(world, no);
    if (batch !== null) yield [`${me} is given what it fetched from ${batch.fetched}`, this.#receive(world, no, batch)];
    if (cutting !== null && state.underWay.length < 2) yield [`${me} gives a slice`, this.#cut(world, no)];
    for (const slice of worker.given) yield* this.#try(world, no, slice);
  }

  #ask(world: World, no: number): World {
    const { start, topic } = world;
    const begun: Row = { position: start, moves: 0, topic };
    const row = world.row ?? begun;
    const isOnRecord = world.row !== null || this.#mutation === 'begins-anywhere';
    const after = isOnRecord ? world : { ...world, row, begin: start };
    return set(after, no, { ...world.workers[no]!, answer: { row, topic, start } });
  }

  #place(world: World, no: number, { row, topic, start }: NonNullable<WorkerWorld['answer']>): World {
    const worker = world.workers[no]!;
    const isSame = row.topic === topic || this.#mutation === 'ignores-topic';
    const canBeRead = isSame && row.position >= start;
    const at = { canBeRead, position: row.position, moves: row.moves, topicId: String(topic) };
    const state = located(worker.state, at);
    const fetchAt = state.phase === 'reading' ? state.next : 0;
    return set(world, no, { ...worker, state, answer: null, fetchAt });
  }

  *#fetch(world: World, no: number): Generator<[string, World]> {
    const worker = world.workers[no]!;
    const { log } = this.#freedom;
    const { topic, start } = world;
    const { fetchAt } = worker;
    if (world.left.wanderings > 0) {
      for (let to = start; to < log.length; to++) {
        if (to === fetchAt) continue;
        const wandered = { ...worker, fetchAt: to };
        yield [`worker ${no} wanders to ${to}`, set({ ...world, left: less(world.left, 'wanderings') }, no, wandered)];
      }
    }
    // Out of range: kafkajs begins at the log's start, and says nothing.
    if (fetchAt < start) yield [`worker ${no} is reset`, set(world, no, { ...worker, fetchAt: start })];
    if (fetchAt < start) return;
    // All that there is, or one record: what lies between would be nothing new.
    for (const to of new Set([fetchAt + 1, log.length])) {
      if (to > log.length) continue;
      const what = log.slice(fetchAt, to);
      const name = `worker ${no} fetches ${fetchAt} to ${to}`;
      if (what.includes('m')) {
        const batch = { fetched: fetchAt, to, topic };
        // Nothing that happens before it is handed out matters, but what happens to the topic and to the position.
        const isAtOnce = world.left.remakes === 0 && world.left.moves === 0;
        yield [name, isAtOnce ? this.#receive(world, no, batch) : set(world, no, { ...worker, batch })];
      } else {
        const state = sawNothing(worker.state, fetchAt, fetchAt, to);
        yield [`${name}: nothing`, set(world, no, { ...worker, state, fetchAt: to })];
      }
    }
  }

  *#giveEmpty(world: World, no: number): Generator<[string, World]> {
    const worker = world.workers[no]!;
    const { position: from, next: to, moves, topicId } = worker.state;
    const state = give(worker.state, from, to, moves);
    if (state === null || topicId !== String(world.topic)) return;
    const slice = { from, to, messages: [], topic: world.topic, moves };
    yield [
      `worker ${no} gives ${from} to ${to}, empty`,
      set(world, no, { ...worker, state, given: [...worker.given, slice] }),
    ];
  }

  #receive(world: World, no: number, { fetched, to, topic }: FetchedBatch): World {
    const worker = { ...world.workers[no]!, batch: null };
    const { state } = worker;
    const verdict =
      this.#mutation === 'trusts-kafkajs' && state.phase === 'reading' ? 'take' : verdictOn(state, fetched);
    if (verdict === 'leave') return set(world, no, worker);
    if (verdict === 'locate') return set(world, no, lostItsPlace(worker));
    const isSame = this.#mutation === 'ignores-topic' || state.topicId === String(world.topic);
    if (!isSame) return set(world, no, lostItsPlace(worker));
    const slices = this.#slicesOf(state.position, fetched, to, topic, state.moves);
    return set(world, no, { ...worker, cutting: { slices, moves: state.moves } });
  }

  /** As `slicesOf`: each goes up to the next one's first message, the last up to the batch's end. */
  #slicesOf(position: number, fetched: number, end: number, topic: number, moves: number): Given[] {
    const messages: number[] = [];
    for (let offset = fetched; offset < end; offset++) if (this.#freedom.log[offset] === 'm') messages.push(offset);
    const slices: Given[] = [];
    for (let at = 0; at < messages.length; at += this.#freedom.sliceRecords) {
      const next = messages[at + this.#freedom.sliceRecords];
      const from = slices.at(-1)?.to ?? position;
      const held = messages.slice(at, at + this.#freedom.sliceRecords);
      slices.push({ from, to: next ?? end, messages: held, topic, moves });
    }
    return slices;
  }

  #cut(world: World, no: number): World {
    const worker = world.workers[no]!;
    const [slice, ...rest] = worker.cutting!.slices;
    if (slice === undefined) return set(world, no, { ...worker, cutting: null });
    const state = give(worker.state, slice.from, slice.to, worker.cutting!.moves);
    if (state === null) return set(world, no, { ...worker, cutting: null });
    const cutting = rest.length === 0 ? null : { ...worker.cutting!, slices: rest };
    return set(world, no, { ...worker, state, cutting, fetchAt: slice.to, given: [...worker.given, slice] });
  }

  *#try(world: World, no: number, slice: Given): Generator<[string, World]> {
    const worker = world.workers[no]!;
    const { state } = worker;
    if (!mayTry(state, slice.from)) return;
    const name = `worker ${no} tries ${show(slice)}`;
    const failedState = { ...worker, state: failed(state, slice.from) };
    const lessFailures = { ...world, left: less(world.left, 'failures') };
    if (world.left.failures > 0) {
      yield [`${name}: it fails`, set(lessFailures, no, failedState)];
      if (world.orphans.length < 2) {
        const orphaned = { ...lessFailures, orphans: [...world.orphans, slice] };
        yield [`${name}: nobody knows`, set(orphaned, no, failedState)];
      }
    }
    const committed = this.#advance(world, slice, slice.to);
    if (committed === null) {
      yield [`${name}: it is moved`, this.#moved(world, no, slice)];
      return;
    }
    const rest = worker.given.filter((one) => one !== slice);
    yield [name, set(committed, no, { ...worker, state: tookIn(state, slice.from), given: rest })];
    if (world.left.failures === 0) return;
    const lessCommitted = { ...committed, left: less(world.left, 'failures') };
    yield [`${name}: done, but it is told that it failed`, set(lessCommitted, no, failedState)];
    // A record makes rating throw: the slice is taken in halves, and the second one fails.
    const middle = slice.messages[1];
    const half = middle === undefined ? null : this.#advance(world, slice, middle);
    if (half === null) return;
    yield [`${name}: its first half`, set({ ...half, left: less(world.left, 'failures') }, no, failedState)];
  }

  #moved(world: World, no: number, slice: Given): World {
    const worker = world.workers[no]!;
    const state = foundMoved(worker.state, slice.from);
    if (isUnderWay(state, slice.from)) return set(world, no, { ...worker, state });
    const without = { ...worker, state, given: worker.given.filter((one) => one !== slice) };
    return set(world, no, state.phase === 'reading' ? lostItsPlace(without) : without);
  }

  /** The ledger's compare and swap; `null` when it refuses. Throws when it loses something, or takes it twice. */
  #advance(world: World, slice: Given, to: number): World | null {
    const { row } = world;
    const stands = row ?? { position: 0, moves: 0, topic: slice.topic };
    const isAnywhere = row === null && this.#mutation === 'begins-anywhere';
    const isMoved = stands.moves !== slice.moves && this.#mutation !== 'ignores-moves';
    if ((stands.position !== slice.from || isMoved) && !isAnywhere) return null;
    const messages = slice.messages.filter((offset) => offset < to);
    const taken = [...world.taken, ...messages].toSorted((a, b) => a - b);
    if (new Set(taken).size < taken.length) throw new Wrong(`${show(slice)} takes a message twice`);
    if (slice.topic !== stands.topic) throw new Wrong(`${show(slice)} is of another topic`);
    for (let offset = world.begin; offset < to; offset++) {
      const isMessage = this.#freedom.log[offset] === 'm';
      if (isMessage && !taken.includes(offset) && !world.skipped.includes(offset)) {
        throw new Wrong(`${show(slice)} passes message ${offset}, which is not in the ledger`);
      }
    }
    return { ...world, row: { ...stands, position: to }, taken };
  }
}

function set(world: World, no: number, worker: WorkerWorld): World {
  return { ...world, workers: world.workers.map((one, at) => (at === no ? worker : one)) };
}

function less(left: World['left'], what: keyof World['left']): World['left'] {
  return { ...left, [what]: left[what] - 1 };
}

function lostItsPlace(worker: WorkerWorld): WorkerWorld {
  return { ...NOWHERE, state: locateAgain(worker.state), given: worker.given };
}

/** What lies between is skipped for good, or read once more. */
function movedByPerson(world: World, row: Row, to: number): World {
  const { topic, left } = world;
  const isAnew = row.topic !== topic;
  const taken = isAnew ? [] : world.taken.filter((offset) => offset < to);
  const before = isAnew ? [] : world.skipped.filter((offset) => offset < to);
  const skipped = [...new Set([...before, ...between(isAnew ? 0 : row.position, to)])].toSorted((a, b) => a - b);
  return { ...world, row: { position: to, moves: row.moves + 1, topic }, taken, skipped, left: less(left, 'moves') };
}

function show({ from, to }: Given): string {
  return `${from} to ${to}`;
}

function between(from: number, upTo: number): number[] {
  return Array.from({ length: Math.max(0, upTo - from) }, (_, at) => from + at);
}
