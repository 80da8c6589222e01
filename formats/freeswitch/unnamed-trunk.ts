import { quote } from '../canonical/canonical-fields.ts';
import type { SwitchSettings } from '../call/told-call.ts';
import { dialledUser } from '../reading/sip-address.ts';
import type { FreeSwitchSaid } from './freeswitch-said.ts';

/** A number as people dial one outside, in national or international form. */
const OUTSIDE = /^(?:\+\d{8,15}|0\d{8,17}|[1-9]\d{9,14})$/;

/**
 * What is said of an answered leg to a number outside that left by a profile without a gateway, where nobody said which
 * profiles lead to carriers; `null` for a phone that was called by its name (`dialed_user`), and for any other leg.
 * Whether a line dialled it, other legs may tell.
 *
 * @param dialled the number that it was sent to, as the switch has it
 */
export function unnamedTrunk(
  variable: (name: string) => string,
  dialled: string,
  { isExtension = () => false }: SwitchSettings,
): FreeSwitchSaid['fault'] {
  if (variable('sip_gateway_name') !== '' || variable('dialed_user') !== '') return null;
  const profile = /^sofia\/([^/]+)\//.exec(variable('channel_name'))?.[1];
  const number = dialledUser(dialled);
  if (profile === undefined || !OUTSIDE.test(number) || isExtension(number)) return null;
  return {
    reason: 'unnamed-trunk',
    detail:
      `Cannot tell whether a carrier bills it: it left for ${quote(number)} by profile ${quote(profile)}, without a ` +
      `gateway. Name the profile with 'profile', or such numbers of phones with 'extension'`,
  };
}
