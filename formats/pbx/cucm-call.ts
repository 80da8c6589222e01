import type { CdrContent } from '../../rater/index.ts';
import { quote } from '../canonical/canonical-fields.ts';
import type { Leg } from '../call/leg.ts';
import type { LegReading, ReadLegs } from '../call/leg-reading.ts';
import { timeFault } from '../call/told-call.ts';
import type { BadRecordReason, NotACallReason } from '../format.ts';
import { cucmGroupsOf, type CucmSaid, type CucmSide, type CucmTalk, cucmSaidText } from './cucm-said.ts';

/** A row with its leg; `said` spares reading the evidence again. */
export interface CucmLeg extends Leg {
  readonly said?: CucmSaid;
}

interface Row {
  readonly leg: Leg;
  readonly said: CucmSaid;
}

/** What a row says, for people. */
export function cucmLegText({ evidence }: Leg): string {
  return cucmSaidText(JSON.parse(evidence));
}

/**
 * Reads the rows of one leg on a trunk together (`docs/reference/cdr-formats.md`, "Whole calls of CUCM"): a leg that
 * was called is one call from its answer to its end, in however many rows and calls it goes on after transfers and
 * conferences.
 */
export const readCucmLegs: ReadLegs = (legs: readonly CucmLeg[]) => {
  const rows = legs.map((leg): Row => ({ leg, said: leg.said ?? JSON.parse(leg.evidence) }));
  if (rows.length === 1) return [new CucmCall(rows).reading(rows[0]!)];
  const readings = new Map<Row, LegReading>();
  for (const own of withoutPauses(rows)) for (const row of own) readings.set(row, readingAmong(own, row));
  return rows.map((row) => readings.get(row)!);
};

function readingAmong(rows: readonly Row[], row: Row): LegReading {
  // Of a row that is told twice in different ways one stands for it towards the others; each is read with the others.
  const chosen = [...Map.groupBy(rows, ({ leg }) => leg.legId).values()].map((same) =>
    same.some((one) => one.leg.legId === row.leg.legId) ? row : same.reduce(firstOfTwo),
  );
  return new CucmCall(chosen).reading(row);
}

/** A leg is silent no longer than this between two rows: ids come again after CUCM was started again. */
const LONGEST_PAUSE_MS = 3_600_000;

/** Rows of one leg each: what follows after a long pause is of another that has its id. */
function withoutPauses(rows: readonly Row[]): Row[][] {
  const legs: Row[][] = [];
  let until = -Infinity;
  for (const row of rows.toSorted((a, b) => spanOf(a)[0] - spanOf(b)[0])) {
    const [from, to] = spanOf(row);
    const current = legs.at(-1);
    if (current === undefined || from - until > LONGEST_PAUSE_MS) legs.push([row]);
    else current.push(row);
    until = Math.max(until, to);
  }
  return legs;
}

function firstOfTwo(a: Row, b: Row): Row {
  return a.leg.evidence <= b.leg.evidence ? a : b;
}

/** How a leg on a trunk came about. */
type Origin = 'called' | 'called-in' | 'unknown';

function spanOf({ said: { span, talked } }: Row): readonly [from: number, to: number] {
  return span ?? (talked === null || 'kind' in talked ? [0, 0] : [talked.from, talked.to]);
}

/** The rows of one leg on a trunk, in one order. */
class CucmCall {
  readonly #rows: readonly Row[];

  constructor(rows: readonly Row[]) {
    this.#rows = rows.toSorted(compareRows);
  }

  reading(row: Row): LegReading {
    const { from, to, dials, talked } = row.said;
    if (isWitness(row)) return noCall('other-leg');
    const isCalled = to.isTrunk && (to.leg === '' || this.#originOf(to.leg) === 'called');
    const goesOn = !isCalled && from.isTrunk && from.leg !== '' && this.#originOf(from.leg) === 'called';
    if (!isCalled && !goesOn) return this.#withoutCall(row);
    if (talked !== null && 'kind' in talked) return talked;
    const first = this.#firstTalk(row, isCalled ? to : from);
    if (isCalled && first !== null && isWitness(first)) return this.#answeredBetween(row, first);
    if (talked === null) return noCall('unanswered');
    if (first !== row) return noCall('other-leg');
    if (goesOn) return this.#answeredLate(row);
    return dials === null || 'kind' in dials ? (dials ?? noCall('internal')) : this.#call(row, to, dials);
  }

  /** A row whose legs on trunks were not called, as far as the rows show. */
  #withoutCall({ said: { from, isJoined, talked } }: Row): LegReading {
    if (!from.isTrunk || !isJoined || talked === null || this.#originOf(from.leg) === 'called-in') {
      return noCall('inbound');
    }
    return bad(
      'incomplete-call',
      `Cannot tell whether leg ${quote(from.leg)} of trunk ${quote(from.device)} was called or called in: a transfer ` +
        'or a conference joined it, and no row shows where it began',
    );
  }

  /**
   * The row that a leg begins in shows whether it was called. Where only rows that joined it are known, one that has it
   * as called tells: a transfer connects who waits with whom it called.
   */
  #originOf(id: string): Origin {
    const own = this.#rows.filter(({ said: { from, to } }) => id !== '' && (isOf(from, id) || isOf(to, id)));
    const first = own.find(({ said }) => !said.isJoined);
    if (first !== undefined) return isOf(first.said.to, id) ? 'called' : 'called-in';
    return own.some(({ said }) => isOf(said.to, id)) ? 'called' : 'unknown';
  }

  /** The first row in which a leg talked; `null`: in none. */
  #firstTalk(row: Row, { leg }: CucmSide): Row | null {
    return this.#talks(row, leg)[0]?.row ?? null;
  }

  /** The rows in which a leg talked, oldest first; of a leg without an id this one alone. */
  #talks(row: Row, id: string): { readonly row: Row; readonly talk: CucmTalk }[] {
    const rows = id === '' ? [row] : this.#rows.filter(({ said: { from, to } }) => isOf(from, id) || isOf(to, id));
    return rows
      .flatMap((one) => {
        const { talked } = one.said;
        return talked === null || 'kind' in talked ? [] : [{ row: one, talk: talked }];
      })
      .toSorted((a, b) => a.talk.from - b.talk.from);
  }

  /** Transferred before it was answered: the row that dialled never talked, and whoever sent the call on pays. */
  #answeredLate(row: Row): LegReading {
    const { from, sentOnBy } = row.said;
    const dialled = this.#rows.find(({ said }) => isOf(said.to, from.leg))!.said.dials;
    if (dialled === null || 'kind' in dialled) return dialled ?? noCall('internal');
    return this.#call(row, from, { ...dialled, transferredBy: sentOnBy || dialled.transferredBy });
  }

  /** The same where it talked first in a row that is another trunk's call: the row that dialled it is the call. */
  #answeredBetween(row: Row, first: Row): LegReading {
    const { to, dials } = row.said;
    if (this.#rows.find(({ said }) => isOf(said.to, to.leg)) !== row) return noCall('unanswered');
    if (dials === null || 'kind' in dials) return dials ?? noCall('internal');
    return this.#call(row, to, { ...dials, transferredBy: first.said.sentOnBy || dials.transferredBy });
  }

  /** The call of a leg, which begins in a row, and is over when its last row is. */
  #call(row: Row, { leg: id }: CucmSide, dials: CdrContent): LegReading {
    const talks = this.#talks(row, id);
    const startedAt = talks[0]!.talk.from;
    const durationMs = Math.max(...talks.map(({ talk }) => talk.to)) - startedAt;
    const fault = timeFault(startedAt, durationMs, { longestCallMs: row.said.longestMs });
    if (fault !== null) return bad(fault.reason, fault.detail);
    const content: CdrContent = { ...dials, legId: row.said.pkid, startedAt, durationMs };
    const rest = talks.filter((one) => one.row !== row).map((one) => quote(one.row.said.pkid));
    const goesOn = rest.length === 0 ? '' : `; the call goes on in ${rest.join(', ')}`;
    const notes = [...new Set(talks.flatMap(({ talk }) => talk.notes))];
    return {
      kind: 'call',
      content,
      notes,
      why: `the row names line ${content.transferredBy ?? content.line}${goesOn}`,
    };
  }
}

/** Rows that begin a call before those that join legs of one; then by their answer. */
function compareRows(a: Row, b: Row): number {
  const joined = Number(a.said.isJoined) - Number(b.said.isJoined);
  return joined || beginOf(a) - beginOf(b) || (a.leg.legId < b.leg.legId ? -1 : 1);
}

function beginOf({ said: { talked } }: Row): number {
  return talked === null || 'kind' in talked ? 0 : talked.from;
}

/** Whether a row between two trunks stands among those of the leg on its left: it is read among the other's. */
function isWitness({ leg, said }: Row): boolean {
  return leg.groupId === `leg ${said.from.leg}` && cucmGroupsOf(said, leg.groupId)[0] !== leg.groupId;
}

function isOf({ leg, isTrunk }: CucmSide, id: string): boolean {
  return isTrunk && leg === id;
}

function noCall(reason: NotACallReason): LegReading {
  return { kind: 'not-a-call', reason };
}

function bad(reason: BadRecordReason, detail: string): LegReading {
  return { kind: 'bad', reason, detail };
}
