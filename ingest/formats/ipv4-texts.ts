import { asciiText } from './intern-table.ts';

/** Four numbers from 0 to 255 without leading zeros, with points between, as one number; -1 where there is no such. */
export function readIpv4(view: DataView, start: number, end: number): number {
  let points = 0;
  let digits = 0;
  let value = 0;
  let address = 0;
  for (let at = start; at < end; at++) {
    const digit = view.getUint8(at) - 0x30;
    if (digit === -2) {
      if (digits === 0) return -1;
      points++;
      address = (address << 8) | value;
      digits = 0;
      value = 0;
    } else {
      if (digit >>> 0 > 9 || (digits > 0 && value === 0)) return -1;
      value = value * 10 + digit;
      digits++;
      if (value > 255) return -1;
    }
  }
  return points === 3 && digits > 0 ? ((address << 8) | value) >>> 0 : -1;
}

/**
 * Gives an IPv4 address the same string each time, without making it again: a line calls from one address for weeks. A
 * direct-mapped cache of fixed size: two addresses that meet in one slot push each other out, which costs time only.
 */
export class Ipv4Texts {
  readonly #addresses: Uint32Array;
  readonly #texts: string[];

  /** `slots` is a power of two; 12 bytes each. */
  constructor(slots: number) {
    this.#addresses = new Uint32Array(slots);
    this.#texts = Array.from({ length: slots }, () => '');
  }

  /** The text of the address that `readIpv4` read in `[start, end)` of `view`. */
  read(address: number, view: DataView, start: number, end: number): string {
    const slot = (Math.imul(address, 0x9e3779b1) >>> 8) & (this.#texts.length - 1);
    if (this.#addresses[slot] === address && this.#texts[slot] !== '') return this.#texts[slot]!;
    this.#addresses[slot] = address;
    this.#texts[slot] = asciiText(view, start, end);
    return this.#texts[slot];
  }
}
