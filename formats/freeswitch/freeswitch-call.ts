import type { CdrContent } from '../../rater/index.ts';
import { agreeEitherWay } from '../asterisk/asterisk-channel.ts';
import { quote } from '../canonical/canonical-fields.ts';
import type { Leg } from '../call/leg.ts';
import { type LegReading, namesNobody, type ReadLegs } from '../call/leg-reading.ts';
import { NO_LINE } from '../call/told-call.ts';
import type { BadRecordReason } from '../format.ts';
import { textFault } from '../reading/text-fault.ts';
import {
  alone,
  bad,
  type Fault,
  forwardedBy,
  lineNamed,
  named,
  namesLine,
  namesOf,
  paidByTransferor,
  type Payer,
  phoneOf,
  plain,
  type Row,
} from './freeswitch-payer.ts';
import { type FreeSwitchSaid, saidOf, saidText } from './freeswitch-said.ts';
import { leftByAnother, profileOfChannel } from './unnamed-trunk.ts';

/** A record with its leg; `said` spares reading the evidence again. */
export interface FreeSwitchLeg extends Leg {
  readonly said?: FreeSwitchSaid;
}

/**
 * Reads the records of one call together (`docs/reference/cdr-formats.md`, "Whole calls of FreeSWITCH"): each answered
 * leg towards a carrier is a call, paid by who called, forwarded or transferred, as far as the records show. One alone
 * says what its own variables say.
 */
export const readFreeSwitchLegs: ReadLegs = (legs: readonly FreeSwitchLeg[]) => {
  const rows = legs.map((leg) => ({ leg, said: leg.said ?? saidOf(leg.evidence) }));
  if (rows.length === 1) return [new FreeSwitchCall(rows).reading(rows[0]!)];
  // Of a leg that is told twice in different ways one stands for it towards the others; each is read with the others.
  const chosen = [...Map.groupBy(rows, ({ leg }) => leg.legId).values()].map((same) => same.reduce(firstOfTwo));
  const call = new FreeSwitchCall(chosen.toSorted(compareRows));
  return rows.map((row) => {
    const stands = chosen.find(({ leg }) => leg.legId === row.leg.legId)!;
    if (stands.leg.evidence === row.leg.evidence) return call.reading(stands);
    return new FreeSwitchCall([...chosen.filter((one) => one !== stands), row].toSorted(compareRows)).reading(row);
  });
};

/** What a record says, for people. */
export function freeSwitchLegText({ evidence }: Leg): string {
  return saidText(saidOf(evidence));
}

function firstOfTwo(a: Row, b: Row): Row {
  return a.leg.evidence <= b.leg.evidence ? a : b;
}

function compareRows(a: Row, b: Row): number {
  const difference = (a.said.createdAt ?? 0) - (b.said.createdAt ?? 0);
  if (difference !== 0) return difference;
  return a.leg.legId < b.leg.legId ? -1 : 1;
}

/** Faults of a leg that are said before it is asked who pays. */
const FIRST_FAULTS: ReadonlySet<BadRecordReason> = new Set(['no-identity', 'invalid-field', 'duration-mismatch']);

/** So many legs made for one another are a loop. */
const MOST_HOPS = 16;

/** The records of one call, in one order. */
class FreeSwitchCall {
  readonly #rows: readonly Row[];

  constructor(rows: readonly Row[]) {
    this.#rows = rows;
  }

  reading(row: Row): LegReading {
    const { said, leg } = row;
    if (said.reason !== null) return { kind: 'not-a-call', reason: said.reason };
    if (said.fault !== null && FIRST_FAULTS.has(said.fault.reason)) return { kind: 'bad', ...said.fault };
    if (said.fault?.reason === 'unnamed-trunk') {
      return this.#unnamed(row, said.fault);
    }
    const payer = this.#payerOf(row, 0);
    if (!('line' in payer)) return payer;
    if (namesNobody(payer)) return { kind: 'bad', reason: 'no-line', detail: NO_LINE };
    if (said.fault !== null) return { kind: 'bad', ...said.fault };
    if (said.call === null) return { kind: 'not-a-call', reason: 'internal' };
    const other = this.#otherNumber(row);
    if (other !== null) return other;
    const { notes, ...call } = said.call;
    const content: CdrContent = {
      switchId: leg.switchId,
      callId: said.callId,
      legId: said.uuid,
      revision: 0,
      line: payer.line,
      ...call,
      ...phoneOf(said.call, payer),
      diversions: payer.diversions,
      transferredBy: payer.transferredBy,
      mobilityUsed: null,
    };
    const fault = textFault(content);
    if (fault === null) return { kind: 'call', content, notes, why: payer.why };
    return {
      kind: 'bad',
      reason: 'invalid-field',
      detail: `Cannot read the record: ${quote(fault)} is too long or no text`,
    };
  }

  /**
   * A leg to what may be a number outside, by a profile that nobody named: it waits where a line dialled it, and where
   * it came from outside and left as it came. A short number may be a phone's, unless it left by another profile.
   */
  #unnamed(row: Row, fault: NonNullable<FreeSwitchSaid['fault']>): LegReading {
    const { said } = row;
    const dialler = this.#dialler(row);
    const isLeft = leftByAnother(said.channel, dialler?.said.channel ?? '');
    const role = dialler?.said.role;
    const isOfLine =
      namesLine(said) ||
      (dialler === null
        ? lineNamed(said) !== ''
        : role !== 'from-carrier' && (role === 'phone' || namesLine(dialler.said)));
    const isBack = !isLeft && profileOfChannel(dialler?.said.channel ?? '') !== '';
    const isSentOn = said.diversions.length > 0 || said.transferredBy !== '';
    const isOutside =
      said.isShort === true
        ? isOfLine
          ? isLeft
          : isBack && role === 'from-carrier'
        : isOfLine || isSentOn || (isBack && (role === 'from-carrier' || role === 'caller'));
    if (isOutside) return { kind: 'bad', ...fault };
    const isDoubtful = said.isShort === true && role !== 'from-carrier';
    return { kind: 'not-a-call', reason: 'internal', ...(isDoubtful ? { doubt: 'short-number' } : {}) };
  }

  /** Who dialled a leg: past loopback channels, the leg that their other half was made for. */
  #dialler(row: Row, hops = 0): Row | null {
    const caller = this.#madeFor(row);
    if (caller?.said.role !== 'loopback' || hops > MOST_HOPS) return caller;
    const other = this.#otherHalf(caller);
    return other === null ? null : this.#dialler(other, hops + 1);
  }

  #otherHalf(half: Row): Row | null {
    const other = this.#rows.find(
      ({ said }) =>
        said.role === 'loopback' &&
        said.uuid !== half.said.uuid &&
        (said.uuid === half.said.otherHalf || said.otherHalf === half.said.uuid),
    );
    return other ?? null;
  }

  /** What the leg that dialled says otherwise than this one of the number that was called. */
  #otherNumber(row: Row): Fault | null {
    const caller = this.#madeFor(row);
    const dialled = row.said.call?.dialled ?? '';
    if (caller === null || caller.said.bridgedTo !== row.said.uuid || caller.said.bridgedNumber === '') return null;
    if (row.said.diversions.length > 0 || agreeEitherWay(caller.said.bridgedNumber, dialled)) return null;
    return bad(
      'contradiction',
      `Cannot tell the number: ${named(row)} was sent to ${quote(dialled)}, and ${named(caller)}, which it was made ` +
        `for, says ${quote(caller.said.bridgedNumber)}`,
    );
  }

  /** The leg that a leg was made for, where its record is known. */
  #madeFor({ said, leg }: Row): Row | null {
    const others = this.#rows.filter((one) => one.leg.legId !== leg.legId);
    if (said.originator !== '') return others.find((one) => one.said.uuid === said.originator) ?? null;
    const bridged = others.find((one) => one.said.bridgedTo === said.uuid && one.said.role !== 'carrier');
    return bridged ?? others.find((one) => one.said.uuid === said.callId && said.callId !== said.uuid) ?? null;
  }

  #payerOf(row: Row, hops: number): Payer | Fault {
    const { said } = row;
    const { diversions, transferredBy } = said;
    if (hops > MOST_HOPS) return bad('contradiction', `Cannot tell who pays: ${named(row)} is part of a loop`);
    const caller = this.#madeFor(row);
    // The leg itself says how it came about; without that, so do the others.
    if (caller === null || diversions.length > 0 || transferredBy !== '') return alone(row, caller);
    switch (caller.said.role) {
      case 'caller':
      case 'from-carrier':
        return this.#payerThrough(row, caller);
      case 'carrier':
        return this.#payerOfTransferred(row, caller, hops);
      case 'phone':
        return this.#payerFromPhone(row, caller, hops);
      case 'loopback':
        return this.#payerThroughLoopback(row, caller);
    }
  }

  /** @param caller who called into the switch: a subscriber or a carrier */
  #payerThrough(row: Row, caller: Row): Payer | Fault {
    const { dialledFirst, role } = caller.said;
    const isCarrier = role === 'from-carrier';
    if (!isParty(dialledFirst) || agreeEitherWay(dialledFirst, row.said.call?.dialled ?? '')) {
      return isCarrier ? alone(row, null) : this.#ownCall(row, caller);
    }
    const rung = this.#rows.filter(
      (one) => one.said.role === 'phone' && one !== row && this.#madeFor(one) === caller && isBefore(one, row),
    );
    const talked = rung.findLast(({ said }) => said.answeredAt !== null && said.user !== '');
    // The caller's phone called another party itself, while it had the first one: an attended transfer.
    const isConsult = talked === undefined ? rung.length === 0 && this.#wasReached(row, caller) : isUpWith(talked, row);
    if (isConsult && !isCarrier) return this.#ownCall(row, caller);
    if (talked !== undefined) {
      const { user } = talked.said;
      return paidByTransferor(user, `${user} had the call of ${named(caller)} and transferred it (${named(talked)})`);
    }
    // The line that the leg names is the forwarder where it is not the one that the caller's leg names.
    const own = lineNamed(row.said);
    const isOwn = own !== '' && !namesOf(caller.said).has(own);
    // A phone that rings at the same time is called beside the number, by a group: it forwards nothing.
    const before = rung.filter(({ said }) => (said.createdAt ?? 0) + AT_ONCE_MS <= (row.said.createdAt ?? Infinity));
    const users = [...new Set(before.map(({ said }) => said.user))].filter((user) => user !== '');
    const isTold = rung.length > 0 || caller.said.answeredAt === null || !isAnsweredBefore(caller, row);
    if (isTold) {
      const parties = [dialledFirst, ...(users.length === 1 ? users : []), ...(isOwn || isCarrier ? [own] : [])];
      const known = parties.filter((party, index) => party !== '' && parties.indexOf(party) === index);
      const how = before.length > 0 ? `, and did not answer (${named(before[0]!)})` : '';
      return forwardedBy(known, `${named(caller)} called ${dialledFirst}, who forwarded${how}`);
    }
    // Whoever was called talked and transferred, or forwarded: unknown is no breach.
    if (isOwn || (isCarrier && own !== '')) return alone(row, null);
    return bad(
      'incomplete-call',
      `Cannot tell who pays: ${named(caller)} called ${quote(dialledFirst)} and was answered; no record shows who had ` +
        `the call go to ${quote(row.said.call?.dialled ?? '')}`,
    );
  }

  /** Whether what a caller dialled first was a number outside, which another leg of his reached. */
  #wasReached(row: Row, caller: Row): boolean {
    return this.#rows.some(
      (one) =>
        one !== row &&
        one.said.role === 'carrier' &&
        agreeEitherWay(caller.said.dialledFirst, one.said.call?.dialled ?? '') &&
        isBefore(one, row) &&
        this.#madeFor(one) === caller,
    );
  }

  #ownCall(row: Row, caller: Row): Payer | Fault {
    const index = row.said.names.findIndex((name) => name !== '');
    const other = caller.said.names[index] ?? '';
    const own = row.said.names[index] ?? '';
    if (other !== '' && other !== own && !namesOf(caller.said).has(own)) {
      return bad(
        'contradiction',
        `Cannot tell who pays: ${named(row)} says ${quote(own)}, and ${named(caller)}, which it was made for, ` +
          `says ${quote(other)}`,
      );
    }
    return alone(row, caller);
  }

  /** A carrier's leg that was sent on to another carrier: whoever had called it transferred it. */
  #payerOfTransferred(row: Row, caller: Row, hops: number): Payer | Fault {
    const payer = this.#payerOf(caller, hops + 1);
    if (!('line' in payer)) return lineNamed(row.said) === '' ? payer : alone(row, null);
    return paidByTransferor(
      payer.line,
      `${payer.line} had called ${caller.said.channel} and transferred it (${named(caller)})`,
    );
  }

  /** A leg that a phone was called for first; or one that was talking when its other party sent it on. */
  #payerFromPhone(row: Row, phone: Row, hops: number): Payer | Fault {
    const caller = this.#madeFor(phone);
    if (caller === null && phone.said.originator === '') {
      const line = lineNamed(row.said) || lineNamed(phone.said) || phone.said.user;
      if (line === '') return bad('no-line', NO_LINE);
      return { ...plain(line, `the switch called ${phone.said.channel} first (${named(phone)})`), phone };
    }
    // It called another party itself, while it had the caller: an attended transfer. Who calls from outside does not.
    const { user } = phone.said;
    const isConsult = caller?.said.role === 'from-carrier' || (caller?.said.role === 'caller' && isUpWith(caller, row));
    if (isConsult && user !== '') {
      return paidByTransferor(user, `${user} had the call of ${named(caller)}, and called another party for it`);
    }
    if (caller?.said.role === 'caller') {
      const line = lineNamed(caller.said);
      if (line !== '') {
        return paidByTransferor(line, `${line} had called ${phone.said.user} and transferred it (${named(phone)})`);
      }
    }
    if (caller?.said.role === 'carrier') return this.#payerOfTransferred(row, caller, hops + 1);
    if (lineNamed(row.said) !== '') return alone(row, null);
    return bad('incomplete-call', `Cannot tell who pays: no record shows who had ${named(phone)} go to a carrier`);
  }

  /** @param half the half of a loopback channel that dialled the carrier */
  #payerThroughLoopback(row: Row, half: Row): Payer | Fault {
    const other = this.#otherHalf(half);
    const caller = other === null ? null : this.#madeFor(other);
    if (caller === null || (caller.said.role !== 'caller' && caller.said.role !== 'from-carrier')) {
      return alone(row, null);
    }
    return this.#payerThrough(row, caller);
  }
}

/** Whether what was dialled may be a line: an extension or a number, no service code and no name of an application. */
function isParty(dialled: string): boolean {
  return /^\+?[\w.-]*\d[\w.-]*$/.test(dialled);
}

function isBefore(one: Row, row: Row): boolean {
  return (one.said.createdAt ?? 0) <= (row.said.createdAt ?? Infinity);
}

/** Whoever sends a call on is gone soon after the next leg begins. */
const GONE_WITHIN_MS = 5_000;
/** Legs that begin so near to each other are dialled at once. */
const AT_ONCE_MS = 1_000;

/** Whether a leg was still up well after another began: then nobody had sent it on. */
function isUpWith({ said: { endedAt = 0 } }: Row, { said: { createdAt } }: Row): boolean {
  return createdAt !== null && endedAt > createdAt + GONE_WITHIN_MS;
}

function isAnsweredBefore(caller: Row, row: Row): boolean {
  return (caller.said.answeredAt ?? Infinity) < (row.said.createdAt ?? Infinity);
}
