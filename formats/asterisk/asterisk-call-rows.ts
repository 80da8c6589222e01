import { agrees, isLocalChannel, looksLikeNumber, otherHalf } from './asterisk-channel.ts';
import { type CelSaid, transferor } from './asterisk-cel-said.ts';
import { agreesWithSent, type Row } from './asterisk-payer.ts';

const NO_EVENTS: readonly CelSaid[] = [];

/** The rows of one call, in one order, and what is asked of them. Rows of a call are few: they are looked through. */
export class CallRows {
  readonly all: readonly Row[];
  /** What channel events tell besides. */
  readonly #events: readonly CelSaid[];

  constructor(rows: readonly Row[]) {
    const isAlone = rows.length === 1 && rows[0]!.said.cel === undefined;
    this.#events = isAlone ? NO_EVENTS : rows.flatMap(({ said }) => said.cel ?? []);
    this.all = this.#events.length === 0 ? rows : rows.filter(({ said }) => said.cel === undefined);
  }

  /** Rows of a call are few: they are looked through. */
  to(channel: string): readonly Row[] {
    return this.all.filter(({ said }) => said.dstchannel === channel);
  }

  from(channel: string): readonly Row[] {
    return this.all.filter(({ said }) => said.channel === channel);
  }

  /** Whether no other row tells how a row's channel came about. */
  isUntold(row: Row): boolean {
    const { channel } = row.said;
    return !this.all.some((one) => one !== row && [one.said.channel, one.said.dstchannel].includes(channel));
  }

  /** The rows whose channel surely dialled `trunkChannel`, oldest first. */
  dialsOf(trunkChannel: string): readonly Row[] {
    return this.to(trunkChannel).filter((row) => this.#isDial(row));
  }

  /** Whether what the row dialled is the number that it sent, as far as it shows; another may have forwarded it. */
  #isDial(row: Row): boolean {
    const { app, sent, dst, fromTrunk } = row.said;
    if (app !== 'Dial' || sent.length !== 1) return false;
    if (!looksLikeNumber(dst) || agreesWithSent(row.said) || fromTrunk) return true;
    return this.ringsOf(row).length > 0 || this.callersThroughHalf(row).some(({ said }) => said.dst === dst);
  }

  /** The rows of the other half of a `Local/` channel. */
  callersThroughHalf(row: Row): readonly Row[] {
    if (!isLocalChannel(row.said.channel)) return [];
    const half = otherHalf(row.said.channel);
    return [...this.to(half), ...this.from(half)].filter((one) => one !== row);
  }

  /** Rows in which the same channel rang the phone of the extension that this row names: its line forwarded. */
  ringsOf({ said: { channel, dst } }: Row): readonly Row[] {
    return this.from(channel).filter(
      ({ said }) => said.dst === dst && said.dstchannel !== '' && !said.toTrunk && !isLocalChannel(said.dstchannel),
    );
  }

  /** Whether who called the `Local/` channel dialled the number that went out: then nobody forwarded it. */
  isSameNumber(row: Row, dst: string): boolean {
    if (!looksLikeNumber(dst)) return false;
    const numbers = row.said.sent.length > 0 ? row.said.sent : row.said.extension === null ? [] : [row.said.extension];
    return numbers.some((number) => agrees(dst, number));
  }

  /** The events of phones that forwarded to the number that went out of a `Local/` channel. */
  forwardsOf(row: Row): readonly CelSaid[] {
    return this.#events.filter(
      ({ event, to, forwarder }) => event === 'FORWARD' && forwarder !== '' && this.isSameNumber(row, to),
    );
  }

  /** The events of transfers of the channel that a row goes out from, by phones of our own. */
  transfersOf({ said: { channel } }: Row): readonly CelSaid[] {
    const isTrunk = (name: string): boolean =>
      this.all.some(
        ({ said }) => (said.fromTrunk && said.channel === name) || (said.toTrunk && said.dstchannel === name),
      );
    return this.#events.filter(
      (one) => one.event !== 'FORWARD' && one.transferee === channel && !isTrunk(one.channel) && transferor(one) !== '',
    );
  }
}
