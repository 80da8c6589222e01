import { type Cidr, parseCidr } from '../../rules/index.ts';
import type { CompiledOffer } from '../rate/compiled-offer.ts';
import type { Line, LineSpan } from './line.ts';

/**
 * Ticks of 65,536 ms are told by small integers, which lie in the object that has them. Instants are doubles, each in a
 * place of its own, and nearly every call would wait for two of them.
 */
const TICK_MS = 65_536;
/** In the year 6429. */
const LAST_TICK = 2 ** 31 - 1;

/** The tick that an instant (ms since the epoch) is in. */
export function tickOf(instant: number): number {
  return Math.floor(instant / TICK_MS);
}

/** A stretch of time in which no fact of a line changes: all its facts in force in `[from, to)`. */
export interface FactSpan {
  readonly from: number;
  readonly to: number;
  /** Whole ticks that lie in it: `[firstTick, endTick)`. */
  readonly firstTick: number;
  readonly endTick: number;
  readonly number: number | null;
  readonly offer: CompiledOffer | null;
  readonly usageClass: LineSpan['usageClass'];
  readonly mobility: LineSpan['mobility'];
  readonly equipment: LineSpan['equipment'];
  readonly devices: readonly string[];
  readonly networks: readonly Cidr[];
  /**
   * The last device, network and report of the switch asked about, and the flags they gave: most calls of a line come
   * from one phone.
   */
  lastUserAgent: string | null | undefined;
  lastMobilityUsed: boolean | null | undefined;
  lastSourceIp: string | null | undefined;
  /** The same address as 32 bits, where it was given so. */
  lastSourceIpv4: number | null;
  lastFlags: number;
}

/**
 * Cuts a line's dated facts into spans of equal facts, in order of time. Instants outside every span of the line belong
 * to none.
 *
 * @throws Error when a span names an offer that `offers` does not hold, or a network is no CIDR
 */
export function factSpansOf(line: Line, offers: ReadonlyMap<string, CompiledOffer>): FactSpan[] {
  return line.spans.flatMap((span) => {
    const cuts = cutsWithin(line, span);
    return cuts.slice(0, -1).map((from, index) => factSpan(line, span, from, cuts[index + 1]!, offers));
  });
}

function cutsWithin({ devices, networks }: Line, { from, to }: LineSpan): readonly number[] {
  const isInside = (fact: { readonly from: number; readonly to: number }): boolean =>
    (fact.from > from && fact.from < to) || (fact.to > from && fact.to < to);
  // Nearly all lines have what they have from their first day on.
  if (!devices.some(isInside) && !networks.some(isInside)) return [from, to];
  const changes = [...devices, ...networks].flatMap((fact) => [fact.from, fact.to]);
  const inside = changes.filter((instant) => instant > from && instant < to);
  return [...new Set([from, ...inside, to])].toSorted((a, b) => a - b);
}

function factSpan(
  line: Line,
  span: LineSpan,
  from: number,
  to: number,
  offers: ReadonlyMap<string, CompiledOffer>,
): FactSpan {
  const inForce = (fact: { readonly from: number; readonly to: number }) => fact.from <= from && fact.to > from;
  return {
    from,
    to,
    firstTick: smallInteger(Math.ceil(from / TICK_MS)),
    endTick: smallInteger(Math.floor(to / TICK_MS)),
    number: span.number,
    offer: span.offer === null ? null : offerOf(line, span.offer, offers),
    usageClass: span.usageClass,
    mobility: span.mobility,
    equipment: span.equipment,
    devices: line.devices.filter(inForce).map(({ userAgent }) => userAgent),
    networks: line.networks.filter(inForce).map(({ cidr }) => cidrOf(line, cidr)),
    lastUserAgent: undefined,
    lastMobilityUsed: undefined,
    lastSourceIp: undefined,
    lastSourceIpv4: null,
    lastFlags: 0,
  };
}

function smallInteger(tick: number): number {
  return Math.max(-LAST_TICK, Math.min(LAST_TICK, tick));
}

function offerOf(line: Line, id: string, offers: ReadonlyMap<string, CompiledOffer>): CompiledOffer {
  const offer = offers.get(id);
  if (offer === undefined) throw new Error(`Cannot use line '${line.id}': its offer '${id}' is not known`);
  return offer;
}

function cidrOf(line: Line, text: string): Cidr {
  const cidr = parseCidr(text);
  if (cidr === null) throw new Error(`Cannot use line '${line.id}': its network '${text}' is no CIDR`);
  return cidr;
}
