import { SaidLeg } from '../call/said-leg.ts';
import { MAX_TEXT_LENGTH, quote } from '../canonical/canonical-fields.ts';
import { decodedOf } from '../call/decoded-leg.ts';
import type { Leg } from '../call/leg.ts';
import { bad, type Decoded } from '../format.ts';
import { readProxyLegs } from './proxy-dialog.ts';
import { evidenceOf, type ProxySaid } from './proxy-said.ts';

/** More than this is no evidence of a call. */
const MOST_EVIDENCE = 32_768;

/**
 * A record of a dialog by what it says alone, and as a leg of the calls of its Call-ID. Rows that may be the
 * call of one direction of a dialog are one leg: what each says is another content of it.
 */
export function decodeProxyLeg(switchId: string, callId: string, said: ProxySaid): Decoded {
  if (callId === '') {
    return bad('no-identity', 'Cannot identify the call: the record names no call, or nothing names the switch');
  }
  const { fromTag, toTag } = said;
  const identity = fromTag === '' && toTag === '' ? '' : `${fromTag};${toTag}`;
  // What ends a call is never one itself: as a leg of its own, another of its kind gives the call no new revision.
  const leg = new SaidLeg(
    'proxy',
    { switchId, groupId: callId, legId: said.kind === 'hangup' ? `${said.method};${identity}` : identity },
    said,
    evidenceOf,
  );
  const alone = decodedOf(readProxyLegs([leg])[0]!);
  if (!isKeepable(leg)) return alone;
  if (leg.evidence.length > MOST_EVIDENCE) {
    return bad('invalid-field', `Cannot read the record: what it says of ${quote(callId)} is too long`);
  }
  return { ...alone, leg };
}

/** Whether the ledger can keep its names; the evidence is JSON, which can hold any text. */
function isKeepable({ switchId, groupId, legId }: Leg): boolean {
  const names = [switchId, groupId, legId].join(' ');
  return names.length <= MAX_TEXT_LENGTH && !names.includes('\0') && names.isWellFormed();
}
