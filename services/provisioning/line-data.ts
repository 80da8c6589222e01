import type { Line } from '../../rater/index.ts';
import { isoEnd, isoInstant } from '../as-data/values.ts';
import { type NumberData, numberData } from '../numbers/shown-number.ts';

interface SpanData {
  readonly from: string;
  /** `null`: open. */
  readonly to: string | null;
}

/** A line with all its dated facts, as data. */
export interface LineData {
  readonly id: string;
  readonly account: string;
  readonly spans: readonly (SpanData & {
    readonly number: NumberData | null;
    readonly offer: string | null;
    readonly usageClass: string;
    readonly mobility: string;
    readonly equipment: string;
  })[];
  readonly devices: readonly (SpanData & { readonly userAgent: string })[];
  readonly networks: readonly (SpanData & { readonly cidr: string })[];
}

export function lineData({ id, account, spans, devices, networks }: Line): LineData {
  return {
    id,
    account,
    spans: spans.map(({ from, to, number, offer, usageClass, mobility, equipment }) => ({
      from: isoInstant(from),
      to: isoEnd(to),
      number: number === null ? null : numberData(number),
      offer,
      usageClass,
      mobility,
      equipment,
    })),
    devices: devices.map(({ from, to, userAgent }) => ({ from: isoInstant(from), to: isoEnd(to), userAgent })),
    networks: networks.map(({ from, to, cidr }) => ({ from: isoInstant(from), to: isoEnd(to), cidr })),
  };
}
