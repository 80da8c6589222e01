/** A channel without the number that makes it unique: `PJSIP/trunk-a-0000001f` is `PJSIP/trunk-a`. */
export function endpointOf(channel: string): string {
  return channel.replace(/;[12]$/, '').replace(/-[0-9a-f]{8,}$/i, '');
}

/** The name of the endpoint alone: `PJSIP/L000123-0000001f` is `L000123`; `''` for a channel without technology. */
export function endpointName(channel: string): string {
  const endpoint = endpointOf(channel);
  return endpoint.slice(endpoint.indexOf('/') + 1 || endpoint.length);
}

/** `Local/…` channels exist inside Asterisk only: a pair of them joins two legs, as in forwarding and follow-me. */
export function isLocalChannel(channel: string): boolean {
  return channel.startsWith('Local/');
}

/** A number as dialled: digits, `+`, `*`, `#` and separators, or a URI with such a user part. */
const numberPattern = /^(?:sips?:|tel:)?\+?[\d*#][\d*#().\- ]*$/i;

export function looksLikeNumber(text: string): boolean {
  return numberPattern.test(text);
}

/** Asterisk keeps 80 bytes of `lastdata`, the last of which ends the text. */
const CUT_LENGTH = 79;

/**
 * The number that `Dial` sent to the trunk whose channel is `dstchannel`, from the application's data:
 * `PJSIP/<number>@<trunk>`, `PJSIP/<trunk>/sip:<number>@<host>`, `SIP/<trunk>/<number>`, several joined by `&`,
 * options after a comma. `null` when the data does not say; `truncated` when it ends where Asterisk cuts it, within
 * the number's place.
 */
export function dialledOnTrunk(lastdata: string, dstchannel: string): string | 'truncated' | null {
  const options = lastdata.indexOf(',');
  const isCut = lastdata.length >= CUT_LENGTH && options < 0;
  const targets = (options < 0 ? lastdata : lastdata.slice(0, options)).split('&');
  const trunk = endpointOf(dstchannel);
  for (const [index, target] of targets.entries()) {
    const number = numberFor(target, trunk);
    if (number === null) continue;
    const isLast = index === targets.length - 1;
    return isCut && isLast && !target.includes('@') ? 'truncated' : number;
  }
  return isCut ? 'truncated' : null;
}

function numberFor(target: string, trunk: string): string | null {
  const [technology, first, ...rest] = target.split('/');
  if (first === undefined) return null;
  const at = first.indexOf('@');
  if (at >= 0 && `${technology}/${first.slice(at + 1)}` === trunk) return numberOrNull(first.slice(0, at));
  if (`${technology}/${first}` !== trunk || rest.length === 0) return null;
  return numberOrNull(rest.join('/').replace(/[@;].*$/, ''));
}

function numberOrNull(text: string): string | null {
  return looksLikeNumber(text) ? text : null;
}
