import { type Cdr, type NoCall, identityHash } from '../../rater/index.ts';

/** A call's identity hash in the two forms that are needed: halves for the hot path, 64 bits for the database. */
export interface IdentityHalves {
  readonly high: number;
  readonly low: number;
}

const hash = new Int32Array(2);

/** The identity hash of a call, as halves. */
export function identityOf(cdr: Cdr | NoCall): IdentityHalves {
  const { inBytes } = cdr;
  if (inBytes !== undefined) return { high: inBytes.identityHigh, low: inBytes.identityLow };
  identityHash(cdr, hash);
  return { high: hash[0]!, low: hash[1]! };
}

/** Two halves as the signed 64-bit number that the database holds. */
export function identityNumber({ high, low }: IdentityHalves): bigint {
  return (BigInt(high) << 32n) | BigInt(low >>> 0);
}

/** The halves of an identity as the database holds it. */
export function halvesOf(identity: bigint): IdentityHalves {
  return { high: Number(BigInt.asIntN(32, identity >> 32n)), low: Number(BigInt.asIntN(32, identity)) };
}

/** An identity as a key of a set. */
export function identityKey(high: number, low: number): string {
  return `${high} ${low}`;
}
