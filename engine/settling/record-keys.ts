import { createHash } from 'node:crypto';
import { type Leg, legKey } from '../../formats/index.ts';
import { type CallIdentity, identityText } from '../../rater/index.ts';

// Nobody can make two texts with one SHA-256: where records are told apart by it, their text decides.

/** Who a call is: SHA-256 of its switch, id and leg. */
export function callKey(identity: CallIdentity): Buffer {
  return callKeyOfText(identityText(identity));
}

/** The same of an `identityText`. */
export function callKeyOfText(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}

/** What a record says that could be read: SHA-256 of its canonical text. */
export function recordKey(canonicalText: string): Buffer {
  return createHash('sha256').update('\0').update(canonicalText, 'utf8').digest();
}

/**
 * A record that could not be read has no identity: the same bytes in the same format are the same record, wherever
 * they come from.
 *
 * @param record its first bytes where it is too long to be kept
 * @param wholeBytes how long it is then: two such records with like beginnings are rarely as long
 */
export function unreadableKey(format: string, record: Uint8Array, wholeBytes: number | null): Buffer {
  const from = wholeBytes === null ? `${format}\0` : `${format}\0${wholeBytes}\0`;
  return createHash('sha256').update(from, 'utf8').update(record).digest();
}

/** A leg that can't be decided, in hex: it is the same one whatever bytes it came in. */
export function legRecordKey(leg: Leg): string {
  const { switchId, groupId } = leg;
  const from = `leg\0${identityText({ switchId, callId: groupId, legId: '' })}`;
  return createHash('sha256').update(from, 'utf8').update(legKey(leg), 'utf8').digest('hex');
}
