/** Every table is keyed by bucket; the count is part of the data, and never changes. */
export const BUCKET_COUNT = 64;

const encoder = new TextEncoder();

/**
 * The bucket of an account: Kafka's default partitioner for the account's id as key (murmur2 of its UTF-8 bytes, made
 * positive, modulo 64), so that a topic keyed by account whose partition count divides 64 lines up with buckets.
 */
export function bucketOf(account: string): number {
  return (murmur2(encoder.encode(account)) & 0x7fff_ffff) % BUCKET_COUNT;
}

/** MurmurHash2, 32 bits, with the seed of Kafka's Java client; a signed number, as Java has it. */
export function murmur2(bytes: Uint8Array): number {
  const length = bytes.length;
  const whole = length & ~3;
  let hash = 0x9747_b28c ^ length;
  for (let at = 0; at < whole; at += 4) {
    let word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    word = Math.imul(word, MULTIPLIER);
    word ^= word >>> 24;
    hash = Math.imul(hash, MULTIPLIER) ^ Math.imul(word, MULTIPLIER);
  }
  if (whole < length) {
    // One to three bytes are left, the last of them highest.
    for (let at = length - 1; at >= whole; at--) hash ^= bytes[at]! << (8 * (at - whole));
    hash = Math.imul(hash, MULTIPLIER);
  }
  hash ^= hash >>> 13;
  hash = Math.imul(hash, MULTIPLIER);
  return hash ^ (hash >>> 15);
}

const MULTIPLIER = 0x5bd1_e995;
