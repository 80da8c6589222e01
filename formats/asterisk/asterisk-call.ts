import type { CdrContent } from '../../rater/index.ts';
import { agrees } from './asterisk-channel.ts';
import { CallRows } from './asterisk-call-rows.ts';
import { type AsteriskSaid, saidOf, saidText } from './asterisk-said.ts';
import { bad, type Fault, named, noLine, ownNumber, type Row, type Sent } from './asterisk-payer.ts';
import { callsInTime } from './asterisk-pairs.ts';
import { calledInRow, compareRows, ownStretch, untoldOrigin } from './asterisk-trunk-leg.ts';
import { wasCalled, WhoPays } from './asterisk-who-pays.ts';
import { quote } from '../canonical/canonical-fields.ts';
import type { NotACallReason } from '../format.ts';
import { type Leg, legKey } from '../call/leg.ts';
import { type LegReading, namesNobody, type ReadLegs } from '../call/leg-reading.ts';
import { timeFault } from '../call/told-call.ts';
import { textFault } from '../reading/text-fault.ts';

/** A row with its leg; `said` spares reading the evidence again. */
export interface AsteriskLeg extends Leg {
  readonly said?: AsteriskSaid;
}

/**
 * Reads the rows of one call together (`docs/reference/cdr-formats.md`, "Whole calls of Asterisk"): each answered row
 * towards a trunk is a call, paid by who called, forwarded or transferred, as far as the rows show.
 */
export const readAsteriskLegs: ReadLegs = (legs: readonly AsteriskLeg[]) => {
  const rows = legs.map((leg) => ({ leg, said: leg.said ?? saidOf(leg.evidence) }));
  if (rows.length === 1) return [new AsteriskCall(rows).reading(rows[0]!)];
  if (rows.some(({ said }) => said.identity !== undefined)) return readPairs(rows);
  return readCall(rows);
};

/** Rows that name one channel and no call. */
function readPairs(rows: readonly Row[]): LegReading[] {
  const readings = new Map(
    callsInTime(rows).flatMap((same) => readCall(same).map((reading, at) => [same[at]!, reading] as const)),
  );
  return rows.map((row) => readings.get(row)!);
}

function readCall(rows: readonly Row[]): LegReading[] {
  // Of a leg that says different things one stands for it towards the others; each is read with the others.
  // Events are never the call: all of them tell.
  const legs = Map.groupBy(rows, ({ leg, said }) => (said.cel === undefined ? leg.legId : legKey(leg)));
  const chosen = [...legs.values()].map((same) => same.reduce(firstOfTwo));
  const call = new AsteriskCall(chosen.toSorted(compareRows));
  return rows.map((row) => {
    if (row.said.cel !== undefined) return call.reading(row);
    const stands = chosen.find(({ leg, said }) => leg.legId === row.leg.legId && said.cel === undefined)!;
    if (stands.leg.evidence === row.leg.evidence) return call.reading(stands);
    return new AsteriskCall([...chosen.filter((one) => one !== stands), row].toSorted(compareRows)).reading(row);
  });
}

/** What a row says, for people. */
export function asteriskLegText({ evidence }: Leg): string {
  return saidText(saidOf(evidence));
}

function firstOfTwo(a: Row, b: Row): Row {
  const difference = a.said.durationMs - b.said.durationMs;
  return difference < 0 || (difference === 0 && a.leg.evidence <= b.leg.evidence) ? a : b;
}

/** A trunk's channel that the switch called itself, as no row shows: a carrier bills it, for a number unknown. */
function calledBySwitch(said: AsteriskSaid): Fault | null {
  if (said.disposition !== 'ANSWERED' || !said.fromTrunk || !wasCalled(said)) return null;
  return bad(
    'no-number',
    `Cannot find the number: the switch called ${quote(said.channel)} (${said.app} ${said.data}), and no record shows ` +
      `what was dialled on it`,
  );
}

/** Why a row is no call, by itself; `null` for an answered one towards a trunk. */
export function asteriskNotACall(said: AsteriskSaid): NotACallReason | null {
  const isAnswered = said.disposition === 'ANSWERED';
  if (said.dstchannel === '') return isAnswered ? 'application' : 'unanswered';
  if (!said.toTrunk) return said.fromTrunk ? 'inbound' : 'internal';
  if (isAnswered) return null;
  return Number(said.billsec) > 0 ? 'disposition-conflict' : 'unanswered';
}

/** The rows of one call, in one order. */
class AsteriskCall {
  readonly #rows: CallRows;
  readonly #payers: WhoPays;

  constructor(rows: readonly Row[]) {
    this.#rows = new CallRows(rows);
    this.#payers = new WhoPays(this.#rows);
  }

  reading(row: Row): LegReading {
    const { said, leg } = row;
    if (said.cel !== undefined) return { kind: 'not-a-call', reason: 'other-event' };
    const reason = asteriskNotACall(said);
    const called = reason === null ? row : calledInRow(row, this.#rows.all);
    if (called === null) return calledBySwitch(said) ?? this.#untold(row) ?? { kind: 'not-a-call', reason: reason! };
    const unknown = said.fromTrunk && this.#rows.isUntold(row) ? calledBySwitch(said) : null;
    if (unknown !== null) return unknown;
    const dials = this.#rows.dialsOf(called.said.dstchannel);
    const payer = called === row ? this.#payers.ofLeg(row, dials) : this.#payers.ofRest(row, called, dials);
    if (said.fault !== null && ('line' in payer || payer.reason !== 'no-line')) return { kind: 'bad', ...said.fault };
    if (!('line' in payer)) return payer;
    if (namesNobody(payer)) return noLine(row);
    const number = this.#numberOf(called, dials);
    if (number.kind === 'bad') return number;
    if (this.#rows.all.some((one) => one.said.inside?.includes(number.number) === true)) {
      return { kind: 'not-a-call', reason: 'internal' };
    }
    const stretch = ownStretch(row, dials, this.#rows.all);
    if (stretch === null) return { kind: 'not-a-call', reason: 'other-leg' };
    const isLonger = stretch.durationMs > said.durationMs;
    const long = isLonger ? timeFault(stretch.from, stretch.durationMs, { longestCallMs: Infinity }) : null;
    if (long !== null) return bad('contradiction', `Cannot add the rows of ${quote(said.dstchannel)}: ${long.detail}`);
    const { src, userAgent, sourceIp } = called.said;
    const content: CdrContent = {
      switchId: leg.switchId,
      callId: said.identity?.callId ?? leg.groupId,
      legId: said.identity?.legId ?? leg.legId,
      revision: 0,
      line: payer.line,
      dialled: number.number,
      calling: src === '' ? null : src,
      startedAt: stretch.from,
      durationMs: stretch.durationMs,
      userAgent,
      sourceIp,
      diversions: payer.diversions,
      transferredBy: payer.transferredBy,
      mobilityUsed: null,
    };
    const fault = textFault(content);
    if (fault === null) {
      const why = isLonger ? `${payer.why}; the leg goes on while another trunk is connected to it` : payer.why;
      return { kind: 'call', content, notes: [...said.notes, ...number.notes], why };
    }
    const detail = `Cannot read the row: ${quote(fault)} is too long or no text`;
    return { kind: 'bad', reason: 'invalid-field', detail };
  }

  /** What a row comes to that may be of an outgoing call, as far as the rows show. */
  #untold(row: Row): LegReading | null {
    const origin = untoldOrigin(row, this.#rows.all);
    if (origin === null) return null;
    if (origin === 'doubtful') return { kind: 'not-a-call', reason: asteriskNotACall(row.said)!, doubt: 'goes-on' };
    return bad(
      'incomplete-call',
      `Cannot tell whether ${quote(row.said.channel)} called in, or was called and then transferred: the row begins ` +
        `after that channel was made, and no record shows what for`,
    );
  }

  /** The number that was sent on the leg's trunk channel: all rows that name the channel are asked. */
  #numberOf(row: Row, dials: readonly Row[]): Sent | Fault {
    const other = dials.find(({ said }) => !agrees(said.sent[0]!, dials[0]!.said.sent[0]!));
    if (other !== undefined) {
      return bad(
        'contradiction',
        `Cannot tell the number sent on ${quote(row.said.dstchannel)}: ${named(dials[0]!)} says ` +
          `${quote(dials[0]!.said.sent[0])}, ${named(other)} ${quote(other.said.sent[0])}`,
      );
    }
    const own = dials.find((one) => one === row) ?? dials[0];
    if (own !== undefined) return { kind: 'number', number: own.said.sent[0]!, notes: [], dialledBy: own };
    return ownNumber(row.said);
  }
}
