import { endpointName, isLocalChannel, looksLikeNumber } from './asterisk-channel.ts';

/** What an event of CEL tells of a call. */
export interface CelSaid {
  readonly event: 'FORWARD' | 'BLINDTRANSFER' | 'ATTENDEDTRANSFER';
  /** Who dialled the phone that forwarded, or whose channel transferred. */
  readonly channel: string;
  readonly account: string;
  /** `FORWARD`: where to, and the one phone that was dialled and forwarded (`''` where several were). */
  readonly to: string;
  readonly forwarder: string;
  /** Transfers: the channel that was transferred. */
  readonly transferee: string;
}

/** The phone that `Dial`'s data rings: `PJSIP/201/sip:201@192.0.2.7,15,t` is `201`; `''` where it rings several. */
export function phoneDialled(appdata: string): string {
  const comma = appdata.indexOf(',');
  const targets = (comma < 0 ? appdata : appdata.slice(0, comma)).split('&');
  const [only = ''] = targets;
  const [driver, peer = '', ...rest] = only.split('/');
  // A number that is sent to a trunk is no phone's name.
  if (targets.length > 1 || driver === 'Local' || peer.includes('@') || rest.some(looksLikeNumber)) return '';
  return peer;
}

/** The line whose channel a transfer was made from. */
export function transferor({ account, channel }: CelSaid): string {
  return isLocalChannel(channel) ? account : account || endpointName(channel);
}

export function celText({ event, channel, to, forwarder, transferee }: CelSaid): string {
  if (event === 'FORWARD') return `FORWARD: ${channel} dialled ${forwarder || 'several'}, who forwarded to ${to}`;
  return `${event}: ${channel} transferred ${transferee}`;
}
