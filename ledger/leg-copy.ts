import { POSTGRES_EPOCH_MS } from './binary-copy.ts';
import type { KeptLeg } from './kept-leg.ts';

const COLUMNS = 11;
const HEADER = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
/** Bytes of a row beside its texts: counts, lengths, numbers, three instants. */
const FIXED_BYTES = 128;

/** Writes what `encodeLegs` made into the ledger. */
export const LEG_COPY_STATEMENT = `copy call_leg (bucket, group_hash, known, family, switch, call_group, leg, evidence,
  received_at, starts_from, starts_to) from stdin (format binary)`;

/** Legs as PostgreSQL's binary COPY. */
export function encodeLegs(legs: readonly KeptLeg[]): Buffer {
  let most = HEADER.length + 2;
  // A UTF-16 unit takes three bytes at most.
  for (const { family, switchId, groupId, legId, evidence } of legs) {
    most += FIXED_BYTES + 3 * (family.length + switchId.length + groupId.length + legId.length + evidence.length);
  }
  const buffer = Buffer.allocUnsafe(most);
  let at = HEADER.copy(buffer);
  const text = (value: string): void => {
    const length = buffer.write(value, at + 4, 'utf8');
    at = buffer.writeInt32BE(length, at) + length;
  };
  const instant = (ms: number | null): void => {
    if (ms === null) {
      at = buffer.writeInt32BE(-1, at);
      return;
    }
    at = buffer.writeInt32BE(8, at);
    at = buffer.writeBigInt64BE(postgresInstant(ms), at);
  };
  for (const { bucket, groupHash, known, family, switchId, groupId, legId, evidence, receipt } of legs) {
    at = buffer.writeInt16BE(COLUMNS, at);
    at = buffer.writeInt16BE(bucket, buffer.writeInt32BE(2, at));
    at = buffer.writeBigInt64BE(groupHash, buffer.writeInt32BE(8, at));
    at = buffer.writeInt32BE(known, buffer.writeInt32BE(4, at));
    text(family);
    text(switchId);
    text(groupId);
    text(legId);
    text(evidence);
    instant(receipt === null ? null : receipt.receivedAt);
    instant(receipt === null ? null : receipt.startsFrom);
    instant(receipt === null ? null : receipt.startsTo);
  }
  at = buffer.writeInt16BE(-1, at);
  return buffer.subarray(0, at);
}

/** From the year 1 to 9999, as texts of instants are read back; the database's own infinity beyond. */
const [FIRST, LAST] = [-62_135_596_800_000, 253_402_300_799_999];

/** Microseconds since 2000. */
function postgresInstant(ms: number): bigint {
  if (ms < FIRST) return -(2n ** 63n);
  if (ms > LAST) return 2n ** 63n - 1n;
  return BigInt(Math.round((ms - POSTGRES_EPOCH_MS) * 1000));
}
