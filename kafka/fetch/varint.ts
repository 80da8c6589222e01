import { UnreadableError } from './unreadable-error.ts';

/**
 * The signed number of up to 32 bits at `at`, as Kafka writes lengths and deltas. Throws `UnreadableError` beyond
 * that.
 */
export function readVarint(bytes: Buffer, at: number): number {
  let byte = bytes[at]!;
  // Nearly all have one byte or two.
  if (byte < 0x80) return (byte >>> 1) ^ -(byte & 1);
  let value = byte & 0x7f;
  for (let shift = 7, next = at + 1; shift <= 28; shift += 7, next++) {
    if (next >= bytes.length) break;
    byte = bytes[next]!;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return (value >>> 1) ^ -(value & 1);
  }
  throw new UnreadableError('a number in it has no end');
}

/** Where the number at `at` ends, of up to 64 bits. Throws `UnreadableError` where it has no end. */
export function varintEnd(bytes: Buffer, at: number): number {
  for (let next = at; next < Math.min(bytes.length, at + 10); next++) if (bytes[next]! < 0x80) return next + 1;
  throw new UnreadableError('a number in it has no end');
}

/** The signed number of up to 64 bits at `at`: a time, which a double holds. */
export function readVarlong(bytes: Buffer, at: number): number {
  const byte = bytes[at]!;
  if (byte < 0x80) return (byte >>> 1) ^ -(byte & 1);
  let value = 0n;
  const end = varintEnd(bytes, at);
  for (let next = at; next < end; next++) value |= BigInt(bytes[next]! & 0x7f) << BigInt(7 * (next - at));
  return Number(BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n)));
}
