import type { CdrContent } from '../../rater/index.ts';
import { agrees, endpointName, isLocalChannel, looksLikeNumber, otherHalf } from './asterisk-channel.ts';
import { type AsteriskSaid, saidOf, saidText } from './asterisk-said.ts';
import { type CelSaid, transferor } from './asterisk-cel-said.ts';
import {
  agreesWithSent,
  withForward,
  withTransfer,
  bad,
  type Fault,
  forwardedBy,
  lineOf,
  named,
  noLine,
  ownNumber,
  type Payer,
  placedBy,
  type Row,
  samePayer,
  type Sent,
  withoutRings,
} from './asterisk-payer.ts';
import { ROUNDING_MS } from './asterisk-times.ts';
import { calledInRow, compareRows, ownStretch } from './asterisk-trunk-leg.ts';
import { noTexts, quote } from '../canonical/canonical-fields.ts';
import type { NotACallReason } from '../format.ts';
import { type Leg, legKey } from '../call/leg.ts';
import type { LegReading, ReadLegs } from '../call/leg-reading.ts';
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

/** Rows that name one channel and no call: those that follow one another in time are of one call. */
function readPairs(rows: readonly Row[]): LegReading[] {
  const calls: Row[][] = [];
  let until = -Infinity;
  for (const row of rows.toSorted(compareRows)) {
    const from = row.said.begunAt ?? 0;
    if (from > until + ROUNDING_MS) calls.push([]);
    calls.at(-1)!.push(row);
    until = Math.max(until, row.said.until ?? from);
  }
  const readings = new Map(calls.flatMap((same) => readCall(same).map((reading, at) => [same[at]!, reading] as const)));
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

function isLater({ begunAt }: AsteriskSaid, other: AsteriskSaid): boolean {
  return begunAt !== null && other.begunAt !== null && begunAt > other.begunAt;
}

/** Rows whose A channel did not dial: it was called itself. */
function wasCalled({ app, data }: AsteriskSaid): boolean {
  return app.startsWith('AppDial') || data === '(Outgoing Line)';
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

/** The same payer of a leg that was sent on: a forwarder stays one, anyone else transferred it. */
function sentOn(payer: Payer, why: string): Payer {
  if (payer.diversions.length > 0 || payer.transferredBy !== null) return { ...payer, why };
  return { ...payer, transferredBy: payer.line, why };
}

/** So many Local channels in a row are a loop. */
const MOST_HOPS = 16;

const NO_EVENTS: readonly CelSaid[] = [];

/** The rows of one call, in one order. */
class AsteriskCall {
  readonly #rows: readonly Row[];
  /** What channel events tell besides. */
  readonly #events: readonly CelSaid[];

  constructor(rows: readonly Row[]) {
    const isAlone = rows.length === 1 && rows[0]!.said.cel === undefined;
    this.#events = isAlone ? NO_EVENTS : rows.flatMap(({ said }) => said.cel ?? []);
    this.#rows = this.#events.length === 0 ? rows : rows.filter(({ said }) => said.cel === undefined);
  }

  /** Rows of a call are few: they are looked through. */
  #to(channel: string): readonly Row[] {
    return this.#rows.filter(({ said }) => said.dstchannel === channel);
  }

  #from(channel: string): readonly Row[] {
    return this.#rows.filter(({ said }) => said.channel === channel);
  }

  reading(row: Row): LegReading {
    const { said, leg } = row;
    if (said.cel !== undefined) return { kind: 'not-a-call', reason: 'other-event' };
    const reason = asteriskNotACall(said);
    const called = reason === null ? row : calledInRow(row, this.#rows);
    if (called === null) return calledBySwitch(said) ?? { kind: 'not-a-call', reason: reason! };
    const unknown = said.fromTrunk && this.#isUntold(row) ? calledBySwitch(said) : null;
    if (unknown !== null) return unknown;
    const dials = this.#dialsOf(called.said.dstchannel);
    const payer = called === row ? this.#payerOfLeg(row, dials) : this.#payerOfRest(row, called, dials);
    if (said.fault !== null && ('line' in payer || payer.reason !== 'no-line')) return { kind: 'bad', ...said.fault };
    if (!('line' in payer)) return payer;
    const number = this.#numberOf(called, dials);
    if (number.kind === 'bad') return number;
    if (this.#rows.some((one) => one.said.inside?.includes(number.number) === true)) {
      return { kind: 'not-a-call', reason: 'internal' };
    }
    const stretch = ownStretch(row, dials, this.#rows);
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

  /** Whether no other row tells how a row's channel came about. */
  #isUntold(row: Row): boolean {
    const { channel } = row.said;
    return !this.#rows.some((one) => one !== row && [one.said.channel, one.said.dstchannel].includes(channel));
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

  /** The rows whose channel surely dialled `trunkChannel`, oldest first. */
  #dialsOf(trunkChannel: string): readonly Row[] {
    return this.#to(trunkChannel).filter((row) => this.#isDial(row));
  }

  /** Whether what the row dialled is the number that it sent, as far as it shows; another may have forwarded it. */
  #isDial(row: Row): boolean {
    const { app, sent, dst, fromTrunk } = row.said;
    if (app !== 'Dial' || sent.length !== 1) return false;
    if (!looksLikeNumber(dst) || agreesWithSent(row.said) || fromTrunk) return true;
    return this.#ringsOf(row).length > 0 || this.#callersThroughHalf(row).some(({ said }) => said.dst === dst);
  }

  /** The rows of the other half of a `Local/` channel. */
  #callersThroughHalf(row: Row): readonly Row[] {
    if (!isLocalChannel(row.said.channel)) return [];
    const half = otherHalf(row.said.channel);
    return [...this.#to(half), ...this.#from(half)].filter((one) => one !== row);
  }

  /** Rows in which the same channel rang the phone of the extension that this row names: its line forwarded. */
  #ringsOf({ said: { channel, dst } }: Row): readonly Row[] {
    return this.#from(channel).filter(
      ({ said }) => said.dst === dst && said.dstchannel !== '' && !said.toTrunk && !isLocalChannel(said.dstchannel),
    );
  }

  /** Who pays: who dialled the trunk's channel, though the row may be of another who was connected to it later. */
  #payerOfLeg(row: Row, dials: readonly Row[]): Payer | Fault {
    const own = dials.includes(row) ? row : dials.find((one) => one.said.channel === row.said.channel);
    const dial = own ?? dials[0];
    if (dial === undefined || dial === row) return this.#payerOf(row, 0);
    const payer = this.#payerOf(dial, 0);
    if (!('line' in payer) || dial.said.channel === row.said.channel) return payer;
    return sentOn(payer, `${payer.why}; the one connected later, ${quote(row.said.channel)}, did not call it`);
  }

  /** Who pays for what goes on of a leg after a transfer: who had called it, and sent it on. */
  #payerOfRest({ said }: Row, called: Row, dials: readonly Row[]): Payer | Fault {
    const payer = this.#payerOfLeg(called, dials);
    if (!('line' in payer)) return payer;
    const where = said.dstchannel === '' ? `in ${said.app}` : `with ${said.dstchannel}`;
    return sentOn(payer, `${payer.why}; the leg on ${said.channel} goes on ${where}`);
  }

  #payerOf(row: Row, hops: number): Payer | Fault {
    const { account, channel, diverter, fromTrunk } = row.said;
    if (hops > MOST_HOPS) return bad('contradiction', `Cannot tell who pays: ${named(row)} is part of a loop`);
    if (diverter !== '') {
      const line = account || diverter;
      return { line, diversions: [diverter], transferredBy: null, why: `the dialplan says that ${diverter} forwarded` };
    }
    if (isLocalChannel(channel)) return this.#payerThroughLocal(row, hops);
    if (fromTrunk) return this.#payerFromTrunk(row, hops);
    const line = account || endpointName(channel);
    if (line === '') return noLine(row);
    const [ring] = row.said.sent.length === 0 || agreesWithSent(row.said) ? [] : this.#ringsOf(row);
    if (ring !== undefined) return forwardedBy([row.said.dst], `${row.said.dst} was called, as ${named(ring)} shows`);
    const why = account === '' ? `channel ${channel} is the line's` : `account code ${account} on channel ${channel}`;
    return { line, diversions: noTexts, transferredBy: null, why };
  }

  /** Who had the call go out by a `Local/` channel: the rows of its other half tell. */
  #payerThroughLocal(row: Row, hops: number): Payer | Fault {
    const half = otherHalf(row.said.channel);
    const callers = this.#callersThroughHalf(row);
    const forwards = this.#forwardsOf(row);
    if (callers.length === 0) {
      if (forwards.length > 0) return withForward(null, forwards, row);
      return bad(
        'incomplete-call',
        `Cannot tell who pays: the leg came out of ${quote(row.said.channel)}, and no record of the call shows who ` +
          `called ${quote(half)}`,
      );
    }
    const payers = callers.map((caller) => ({ caller, payer: this.#payerThroughHalf(row, caller, hops + 1) }));
    const known = payers.filter(({ payer }) => 'line' in payer);
    const [first] = known.length > 0 ? known : payers;
    const other = known.find(({ payer }) => samePayer(payer) !== samePayer(first!.payer));
    if (other === undefined) return forwards.length === 0 ? first!.payer : withForward(first!.payer, forwards, row);
    return bad(
      'contradiction',
      `Cannot tell who pays for what came out of ${quote(row.said.channel)}: ${named(first!.caller)} says ` +
        `${quote(lineOf(first!.payer))}, ${named(other.caller)} ${quote(lineOf(other.payer))}`,
    );
  }

  /** @param caller a row of the other half of `row`'s channel */
  #payerThroughHalf(row: Row, caller: Row, hops: number): Payer | Fault {
    const { channel, dstchannel, dst, account, src } = caller.said;
    const half = otherHalf(row.said.channel);
    // The half itself was made for somebody: a phone that the system called first.
    if (channel === half) {
      if (dstchannel === '' || isLocalChannel(dstchannel) || caller.said.toTrunk) {
        return bad('incomplete-call', `Cannot tell who pays: ${named(caller)} shows nobody who called ${quote(half)}`);
      }
      return placedBy(endpointName(dstchannel), `the system called ${dstchannel} first (${named(caller)})`);
    }
    if (wasCalled(caller.said)) {
      if (caller.said.fromTrunk || isLocalChannel(channel)) return this.#payerOf(caller, hops);
      return placedBy(account || endpointName(channel), `the system called ${channel} first (${named(caller)})`);
    }
    if (this.#isSameNumber(row, dst)) return this.#payerOf(withoutRings(caller), hops);
    // It had dialled that number on a trunk, and was connected to the half later: an attended transfer of its own.
    const hadDialled = this.#from(channel).some(({ said }) => said.toTrunk && said.dst === dst && agreesWithSent(said));
    if (hadDialled) return this.#payerOf(withoutRings(caller), hops);
    if (!/^[\w+*#.@:-]+$/.test(dst) || /^[a-zA-Z]$/.test(dst)) {
      return bad(
        'incomplete-call',
        `Cannot tell who pays: ${named(caller)} called ${quote(half)} at extension ${quote(dst)}, which is no party`,
      );
    }
    // The account code is the forwarder's where it is not the one that the caller left on the leg.
    const callers = new Set(['', account, endpointName(channel), src]);
    const own = row.said.account;
    const parties = callers.has(own) || own === dst ? [dst] : [dst, own];
    return forwardedBy(parties, `${channel} called ${dst}, who forwarded (${named(caller)})`);
  }

  /** Whether who called the `Local/` channel dialled the number that went out: then nobody forwarded it. */
  #isSameNumber(row: Row, dst: string): boolean {
    if (!looksLikeNumber(dst)) return false;
    const numbers = row.said.sent.length > 0 ? row.said.sent : row.said.extension === null ? [] : [row.said.extension];
    return numbers.some((number) => agrees(dst, number));
  }

  /** Who had a call go from a trunk out to one: who had been connected to it, or was called by it. */
  #payerFromTrunk(row: Row, hops: number): Payer | Fault {
    const payer = this.#payerFromTrunkByRows(row, hops);
    const told = this.#transfersOf(row);
    return told.length === 0 ? payer : withTransfer(payer, told, row);
  }

  /** The events of phones that forwarded to the number that went out of a `Local/` channel. */
  #forwardsOf(row: Row): readonly CelSaid[] {
    return this.#events.filter(
      ({ event, to, forwarder }) => event === 'FORWARD' && forwarder !== '' && this.#isSameNumber(row, to),
    );
  }

  /** The events of transfers of the channel that a row goes out from, by phones of our own. */
  #transfersOf({ said: { channel } }: Row): readonly CelSaid[] {
    const isTrunk = (name: string): boolean =>
      this.#rows.some(
        ({ said }) => (said.fromTrunk && said.channel === name) || (said.toTrunk && said.dstchannel === name),
      );
    return this.#events.filter(
      (one) => one.event !== 'FORWARD' && one.transferee === channel && !isTrunk(one.channel) && transferor(one) !== '',
    );
  }

  #payerFromTrunkByRows(row: Row, hops: number): Payer | Fault {
    const { channel, account } = row.said;
    const [caller] = this.#to(channel).filter((one) => one !== row);
    if (caller !== undefined) {
      const payer = this.#payerOf(caller, hops + 1);
      if (!('line' in payer)) return payer;
      const why = `${payer.line} had called ${channel} and transferred it (${named(caller)})`;
      return { line: payer.line, diversions: noTexts, transferredBy: payer.line, why };
    }
    // What the channel rings after it has gone out says nothing of who had it go.
    const rung = this.#from(channel).filter(
      ({ said }) =>
        said.dstchannel !== '' && !said.toTrunk && !isLocalChannel(said.dstchannel) && !isLater(said, row.said),
    );
    const talked = rung.findLast(({ said }) => said.disposition === 'ANSWERED');
    if (talked !== undefined) {
      const line = endpointName(talked.said.dstchannel);
      const why = `${line} had the call from ${channel} and transferred it (${named(talked)})`;
      return { line, diversions: noTexts, transferredBy: line, why };
    }
    const called = [...new Set(rung.map(({ said }) => said.dst))].filter((dst) => dst !== '' && !/^[a-z]$/i.test(dst));
    if (called.length > 0) {
      const parties = account === '' || called.includes(account) ? called : [...called, account];
      return forwardedBy(parties, `${called.join(', ')} was called and did not answer (${named(rung[0]!)})`);
    }
    const { dst, sent } = row.said;
    if (sent.length === 1 && looksLikeNumber(dst) && !agreesWithSent(row.said)) {
      const parties = account === '' || account === dst ? [dst] : [dst, account];
      return forwardedBy(parties, `${channel} called ${dst}, whose call went to ${sent[0]}`);
    }
    if (account !== '') return placedBy(account, `account code ${account} on a leg from ${channel}`);
    return noLine(row);
  }
}
