import { quote } from '../canonical/canonical-fields.ts';
import type { Leg } from '../call/leg.ts';
import type { LegReading, ReadLegs } from '../call/leg-reading.ts';
import { paidContentTold } from '../call/told-call.ts';
import type { BadRecordReason, DecodingNote, NotACallReason } from '../format.ts';
import { MISMATCH_MS } from '../asterisk/asterisk-times.ts';
import { dialogKey } from './acc-row.ts';
import { type ProxyParties, type ProxySaid, saidOf, saidText } from './proxy-said.ts';

/** A record with its leg; `said` spares reading the evidence again. */
export interface ProxyLeg extends Leg {
  readonly said?: ProxySaid;
}

interface Row {
  readonly leg: Leg;
  readonly said: ProxySaid;
}

/** What a proxy's leg says, for people. */
export function proxyLegText({ evidence }: Leg): string {
  return saidText(saidOf(evidence));
}

/**
 * Reads the records of one Call-ID together (`docs/reference/cdr-formats.md`, "Whole calls of SIP proxies"): each
 * dialog with an answer and an end is one call. Its CDR is the call where it has one; else the row that answered it is,
 * from its time to that of the BYE. A dialog of which one end is known waits, with all its rows.
 */
export const readProxyLegs: ReadLegs = (legs: readonly ProxyLeg[]) => {
  const rows = legs.map((leg) => ({ leg, said: leg.said ?? saidOf(leg.evidence) }));
  if (rows.length === 1) return [new Dialog(rows).reading(rows[0]!)];
  const readings = new Map<Row, LegReading>();
  const { dialogs, unplaced } = dialogsOf(rows);
  for (const own of dialogs) {
    const dialog = new Dialog(own);
    for (const row of own) readings.set(row, dialog.reading(row));
  }
  for (const row of unplaced) readings.set(row, ofSeveral(row));
  return rows.map((row) => readings.get(row)!);
};

/**
 * The rows of each dialog. One that lacks a tag is of the only dialog with an answer that has the other, else of the
 * only one of which an end is known; where several have an answer, nobody can tell whose it is (`unplaced`).
 */
function dialogsOf(rows: readonly Row[]): { readonly dialogs: Iterable<Row[]>; readonly unplaced: readonly Row[] } {
  const dialogs = new Map<string, Row[]>();
  const unplaced: Row[] = [];
  const byTags = Map.groupBy(rows, ({ said }) => (said.fromTag === '' ? 0 : 1) + (said.toTag === '' ? 0 : 1));
  // Those that say most of themselves first: each is placed among dialogs that others make, in whatever order it came.
  for (const tags of [2, 1, 0]) {
    const known = [...dialogs.values()].map((own) => ({ own, said: own[0]!.said, isAnswered: own.some(tellsAnswer) }));
    for (const [key, same] of Map.groupBy(byTags.get(tags) ?? [], keyOf)) {
      const fitting = tags === 2 ? [] : known.filter(({ said }) => fits(same[0]!.said, said));
      const answered = fitting.filter(({ isAnswered }) => isAnswered);
      const [only, ...others] = answered.length > 0 ? answered : fitting;
      if (only !== undefined && others.length === 0) only.own.push(...same);
      else if (answered.length > 1) unplaced.push(...same);
      else dialogs.set(key, same);
    }
  }
  return { dialogs: dialogs.values(), unplaced };
}

/** Whether a row makes its dialog one that was answered, rather than one of which an end alone is known. */
function tellsAnswer({ said }: Row): boolean {
  return said.kind !== 'hangup';
}

function keyOf({ leg, said }: Row): string {
  return dialogKey({ callId: leg.groupId, fromTag: said.fromTag, toTag: said.toTag });
}

function fits(part: ProxySaid, { fromTag, toTag }: ProxySaid): boolean {
  return [part.fromTag, part.toTag].every((tag) => tag === '' || tag === fromTag || tag === toTag);
}

/** What answers a dialog, as far as its rows say. */
class Dialog {
  readonly #cdr: Row | null;
  readonly #answer: Row | null;
  readonly #hangup: Row | null;
  readonly #rows: readonly Row[];
  #call: LegReading | null = null;

  constructor(rows: readonly Row[]) {
    this.#rows = rows;
    this.#cdr = least(rows.filter(({ said }) => said.kind === 'cdr').filter((row, _, all) => !hasBetter(row, all)));
    const answers = rows.filter(({ said }) => said.kind === 'answer');
    // A re-INVITE is answered, too: the first answer is the call's. An ACK's row tells it where no INVITE's does.
    this.#answer = least(answers.filter(({ said }) => said.method === 'INVITE')) ?? least(answers);
    this.#hangup = least(rows.filter(({ said }) => said.kind === 'hangup'));
  }

  reading(row: Row): LegReading {
    const standsFor = this.#cdr ?? this.#answer;
    if (standsFor === null) return half(row, 'answer');
    const { notACall } = this.#parties(standsFor);
    if (notACall !== null) return noCall(isSame(row, standsFor) ? notACall : 'other-leg');
    if (this.#cdr === null && this.#hangup === null) return half(row, 'end');
    if (this.#cdr?.said.hasRinging === true && this.#answer === null) {
      return row.said.kind === 'cdr' ? unknownRinging() : half(row, 'answer');
    }
    if (!isSame(row, standsFor)) return noCall('other-leg');
    return (this.#call ??= this.#rivalOf(standsFor) ?? this.#callOf(standsFor));
  }

  /** Whom the record of the call names; those whom a CDR does not name, the row of the answer does. */
  #parties({ said }: Row): ProxyParties {
    const answer = this.#answer?.said;
    if (said.kind !== 'cdr' || answer === undefined) return said;
    return {
      line: said.line || answer.line,
      dialled: said.dialled || answer.dialled,
      calling: said.calling || answer.calling,
      userAgent: said.userAgent || answer.userAgent,
      sourceIp: said.sourceIp || answer.sourceIp,
      diversions: said.diversions.length > 0 ? said.diversions : answer.diversions,
      transferredBy: said.transferredBy || answer.transferredBy,
      notACall: said.notACall ?? answer.notACall,
    };
  }

  /** Another record of the same that says something else: neither is believed. */
  #rivalOf(row: Row): LegReading | null {
    const rival = this.#rows.find((other) => isRival(other.said, row.said));
    if (rival === undefined) return null;
    const [one, other] = [row.said, rival.said].map(saidText).toSorted();
    return bad(
      'contradiction',
      `Cannot tell which record of call ${quote(row.leg.groupId)} is right: ${one}, or ${other}`,
    );
  }

  #callOf(row: Row): LegReading {
    const { leg, said } = row;
    const parties = this.#parties(row);
    const times = this.#timesOf(said);
    if ('kind' in times) return times;
    const read = paidContentTold(
      {
        ...parties,
        switchId: leg.switchId,
        callId: leg.groupId,
        legId: leg.legId,
        trunk: '',
        answeredAt: times.from,
        durationMs: times.durationMs,
      },
      said.longestMs === null ? {} : { longestCallMs: said.longestMs },
    );
    if ('kind' in read) return read;
    return { kind: 'call', content: read.content, notes: times.notes, why: this.#whyOf(row, parties) };
  }

  #timesOf(said: ProxySaid): CallTimes | LegReading {
    const [answer, hangup] = [this.#answer?.said, this.#hangup?.said];
    const used = said.kind === 'cdr' ? (said.hasRinging ? [said, answer] : [said]) : [said, hangup];
    for (const one of used) {
      if (one !== undefined && one.fault !== '') return bad('invalid-field', one.fault);
    }
    if (said.kind === 'cdr' && !said.hasRinging) {
      return { from: said.at[0]!, durationMs: said.durationMs, notes: notesOf(said.at) };
    }
    // Of a CDR that begins at the INVITE the end is known, and the answer by the row of the INVITE.
    const from = said.kind === 'cdr' ? answer!.at : said.at;
    const to = said.kind === 'cdr' ? said.at.map((at) => at + said.durationMs) : hangup!.at;
    const span = leastSpan(from, to);
    if (span !== null) return { ...span, notes: notesOf(from) };
    const [answered, over] = [from, to].map((instants) => new Date(instants[0]!).toISOString());
    return bad('duration-mismatch', `Cannot trust the times: answered at ${answered}, but over at ${over}`);
  }

  #whyOf({ said }: Row, { line, transferredBy, diversions }: ProxyParties): string {
    const what = said.kind === 'cdr' ? 'the CDR' : `the row of the ${said.method}`;
    if (line !== '') return `${what} names line ${line}`;
    if (transferredBy !== '') return `${what} names no line; ${transferredBy} transferred the call`;
    return `${what} names no line; ${diversions.at(-1) ?? 'nobody'} diverted the call`;
  }
}

interface CallTimes {
  readonly from: number;
  readonly durationMs: number;
  readonly notes: readonly DecodingNote[];
}

function notesOf(instants: readonly number[]): readonly DecodingNote[] {
  return instants.length > 1 ? ['local-time-ambiguous'] : [];
}

/** The shortest span that is none backwards, and the earliest of such; `null` where there is none. */
function leastSpan(from: readonly number[], to: readonly number[]): Omit<CallTimes, 'notes'> | null {
  let best: Omit<CallTimes, 'notes'> | null = null;
  for (const start of from) {
    for (const end of to) {
      const durationMs = end - start;
      if (durationMs >= 0 && (best === null || durationMs < best.durationMs)) best = { from: start, durationMs };
    }
  }
  return best;
}

/** The first; of rows of one time the one whose text is least, so that their order is no matter. */
function least(rows: readonly Row[]): Row | null {
  return rows.reduce<Row | null>((best, row) => (best === null || isBefore(row, best) ? row : best), null);
}

function isBefore(a: Row, b: Row): boolean {
  const difference = instantOf(a) - instantOf(b);
  if (difference !== 0) return difference < 0;
  if (a.leg.legId !== b.leg.legId) return a.leg.legId < b.leg.legId;
  return a.leg.evidence < b.leg.evidence;
}

/** Whether two rows say the same of the same: one may stand twice. */
function isSame(a: Row, b: Row): boolean {
  return a === b || (a.said.kind === b.said.kind && a.leg.legId === b.leg.legId && a.leg.evidence === b.leg.evidence);
}

/** A row whose time can't be read is the last. */
function instantOf({ said: { at } }: Row): number {
  return at[0] ?? Number.MAX_SAFE_INTEGER;
}

/** Of several CDRs one that begins at the answer counts before one that has the ringing; then the shorter. */
function hasBetter({ said }: Row, all: readonly Row[]): boolean {
  return all.some(({ said: other }) => {
    if (other.hasRinging !== said.hasRinging) return said.hasRinging;
    return other.durationMs < said.durationMs;
  });
}

/** Whether two records of the same thing say different things. */
function isRival(a: ProxySaid, b: ProxySaid): boolean {
  if (a.kind !== b.kind || a.hasRinging !== b.hasRinging) return false;
  const areOthers = isOther(a.line, b.line) || isOther(a.dialled, b.dialled);
  const apartMs = Math.abs((a.at[0] ?? 0) - (b.at[0] ?? 0));
  if (a.kind === 'answer') return apartMs === 0 && a.method === b.method && areOthers;
  return areOthers || apartMs > MISMATCH_MS || Math.abs(a.durationMs - b.durationMs) > MISMATCH_MS;
}

function isOther(a: string, b: string): boolean {
  return a !== b && a !== '' && b !== '';
}

function noCall(reason: NotACallReason): LegReading {
  return { kind: 'not-a-call', reason };
}

function bad(reason: BadRecordReason, detail: string): LegReading {
  return { kind: 'bad', reason, detail };
}

function half({ leg, said }: Row, missing: 'answer' | 'end'): LegReading {
  const what = said.kind === 'cdr' ? 'CDR' : said.method;
  return bad(
    'half-a-call',
    `Cannot rate call ${quote(leg.groupId)} by its ${what} alone: no record tells its ${missing}`,
  );
}

function ofSeveral({ leg, said }: Row): LegReading {
  const what = said.kind === 'cdr' ? 'CDR' : said.method;
  return bad(
    'contradiction',
    `Cannot tell which dialog of call ${quote(leg.groupId)} its ${what} is of: it lacks a tag, and several were answered`,
  );
}

function unknownRinging(): LegReading {
  return bad(
    'half-a-call',
    "Cannot tell ringing from talking: a dialog CDR begins at the INVITE, and the record has no 'answer_time'. " +
      'With cdr_start_on_confirmed=1, set duration-from answer',
  );
}
