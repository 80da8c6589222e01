import type { CallRows } from './asterisk-call-rows.ts';
import { endpointName, isLocalChannel, looksLikeNumber, otherHalf } from './asterisk-channel.ts';
import {
  agreesWithSent,
  bad,
  type Fault,
  forwardedBy,
  lineOf,
  named,
  noLine,
  type Payer,
  placedBy,
  type Row,
  samePayer,
  withForward,
  withoutRings,
  withTransfer,
} from './asterisk-payer.ts';
import type { AsteriskSaid } from './asterisk-said.ts';
import { noTexts, quote } from '../canonical/canonical-fields.ts';

function isLater({ begunAt }: AsteriskSaid, other: AsteriskSaid): boolean {
  return begunAt !== null && other.begunAt !== null && begunAt > other.begunAt;
}

/** Rows whose A channel did not dial: it was called itself. */
export function wasCalled({ app, data }: AsteriskSaid): boolean {
  return app.startsWith('AppDial') || data === '(Outgoing Line)';
}

/** The same payer of a leg that was sent on: a forwarder stays one, anyone else transferred it. */
function sentOn(payer: Payer, why: string): Payer {
  if (payer.diversions.length > 0 || payer.transferredBy !== null) return { ...payer, why };
  return { ...payer, transferredBy: payer.line, why };
}

/** So many Local channels in a row are a loop. */
const MOST_HOPS = 16;

/** Who pays for the legs of a call: who called, forwarded or transferred, as far as its rows show. */
export class WhoPays {
  readonly #rows: CallRows;

  constructor(rows: CallRows) {
    this.#rows = rows;
  }

  /** Who pays: who dialled the trunk's channel, though the row may be of another who was connected to it later. */
  ofLeg(row: Row, dials: readonly Row[]): Payer | Fault {
    const own = dials.includes(row) ? row : dials.find((one) => one.said.channel === row.said.channel);
    const dial = own ?? dials[0];
    if (dial === undefined || dial === row) return this.#of(row, 0);
    const payer = this.#of(dial, 0);
    if (!('line' in payer) || dial.said.channel === row.said.channel) return payer;
    return sentOn(payer, `${payer.why}; the one connected later, ${quote(row.said.channel)}, did not call it`);
  }

  /** Who pays for what goes on of a leg after a transfer: who had called it, and sent it on. */
  ofRest({ said }: Row, called: Row, dials: readonly Row[]): Payer | Fault {
    const payer = this.ofLeg(called, dials);
    if (!('line' in payer)) return payer;
    const where = said.dstchannel === '' ? `in ${said.app}` : `with ${said.dstchannel}`;
    return sentOn(payer, `${payer.why}; the leg on ${said.channel} goes on ${where}`);
  }

  #of(row: Row, hops: number): Payer | Fault {
    const { account, channel, diverter, fromTrunk } = row.said;
    if (hops > MOST_HOPS) return bad('contradiction', `Cannot tell who pays: ${named(row)} is part of a loop`);
    if (diverter !== '') {
      const line = account || diverter;
      return { line, diversions: [diverter], transferredBy: null, why: `the dialplan says that ${diverter} forwarded` };
    }
    if (isLocalChannel(channel)) return this.#throughLocal(row, hops);
    if (fromTrunk) return this.#fromTrunk(row, hops);
    const line = account || endpointName(channel);
    if (line === '') return noLine(row);
    const [ring] = row.said.sent.length === 0 || agreesWithSent(row.said) ? [] : this.#rows.ringsOf(row);
    if (ring !== undefined) return forwardedBy([row.said.dst], `${row.said.dst} was called, as ${named(ring)} shows`);
    const why = account === '' ? `channel ${channel} is the line's` : `account code ${account} on channel ${channel}`;
    return { line, diversions: noTexts, transferredBy: null, why };
  }

  /** Who had the call go out by a `Local/` channel: the rows of its other half tell. */
  #throughLocal(row: Row, hops: number): Payer | Fault {
    const half = otherHalf(row.said.channel);
    const callers = this.#rows.callersThroughHalf(row);
    const forwards = this.#rows.forwardsOf(row);
    if (callers.length === 0) {
      if (forwards.length > 0) return withForward(null, forwards, row);
      return bad(
        'incomplete-call',
        `Cannot tell who pays: the leg came out of ${quote(row.said.channel)}, and no record of the call shows who ` +
          `called ${quote(half)}`,
      );
    }
    const payers = callers.map((caller) => ({ caller, payer: this.#throughHalf(row, caller, hops + 1) }));
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
  #throughHalf(row: Row, caller: Row, hops: number): Payer | Fault {
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
      if (caller.said.fromTrunk || isLocalChannel(channel)) return this.#of(caller, hops);
      return placedBy(account || endpointName(channel), `the system called ${channel} first (${named(caller)})`);
    }
    if (this.#rows.isSameNumber(row, dst)) return this.#of(withoutRings(caller), hops);
    // It had dialled that number on a trunk, and was connected to the half later: an attended transfer of its own.
    const hadDialled = this.#rows
      .from(channel)
      .some(({ said }) => said.toTrunk && said.dst === dst && agreesWithSent(said));
    if (hadDialled) return this.#of(withoutRings(caller), hops);
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

  /** Who had a call go from a trunk out to one: who had been connected to it, or was called by it. */
  #fromTrunk(row: Row, hops: number): Payer | Fault {
    const payer = this.#fromTrunkByRows(row, hops);
    const told = this.#rows.transfersOf(row);
    return told.length === 0 ? payer : withTransfer(payer, told, row);
  }

  #fromTrunkByRows(row: Row, hops: number): Payer | Fault {
    const { channel, account } = row.said;
    const [caller] = this.#rows.to(channel).filter((one) => one !== row);
    if (caller !== undefined) {
      const payer = this.#of(caller, hops + 1);
      if (!('line' in payer)) return payer;
      const why = `${payer.line} had called ${channel} and transferred it (${named(caller)})`;
      return { line: payer.line, diversions: noTexts, transferredBy: payer.line, why };
    }
    // What the channel rings after it has gone out says nothing of who had it go.
    const rung = this.#rows
      .from(channel)
      .filter(
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
