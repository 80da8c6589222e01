import { quote } from '../canonical/canonical-fields.ts';
import type { SwitchSettings } from '../call/told-call.ts';
import { dialledUser } from '../reading/sip-address.ts';
import { answeredTarget, type CarrierNames } from './freeswitch-dial-string.ts';
import type { FreeSwitchSaid } from './freeswitch-said.ts';

/**
 * A number as people dial one outside: in national or international form, or of a directory service, after a technical
 * prefix or a service code (`123#`, `*31#`) or without one. Shorter numbers may be extensions.
 */
const OUTSIDE = /^(?:[*#]?\d{1,10}[*#])?(?:\+\d{8,15}|0\d{8,17}|[1-9]\d{9,14}|118\d{3})$/;

/**
 * The name by which `profile` knows a leg: its SIP profile, or its channel's driver, where that is no SIP
 * (`FreeTDM/1:1/0612345678`).
 */
export function profileOf(variable: (name: string) => string): string {
  const named = variable('sofia_profile_name') || variable('sip_profile_name');
  return named || (/^(?:sofia\/)?([^/]+)\//.exec(variable('channel_name'))?.[1] ?? '');
}

/**
 * What is said of an answered leg to a number outside that left by a profile, or another driver, without a gateway,
 * where nobody said which lead to carriers; `null` for a phone that was called by its name (`dialed_user`), and for any
 * other leg. Whether a line dialled it, other legs may tell.
 *
 * @param dialled the number that it was sent to, as the switch has it
 */
export function unnamedTrunk(
  variable: (name: string) => string,
  dialled: string,
  settings: SwitchSettings,
): FreeSwitchSaid['fault'] {
  if (variable('sip_gateway_name') !== '' || variable('dialed_user') !== '') return null;
  const profile = profileOf(variable);
  return profile === '' ? null : unnamedFault(profile, dialled, settings);
}

/**
 * The same of what a caller's leg was bridged to, by a dial string without a gateway: `sofia/external/0612345678@…`.
 *
 * @param settings which gateways lead to carriers; of profiles nobody said it
 */
export function unnamedTarget(
  dialString: string,
  answeredChannel: string,
  settings: SwitchSettings & Pick<CarrierNames, 'isGateway'>,
): FreeSwitchSaid['fault'] {
  const target = answeredTarget(dialString, answeredChannel, { isGateway: settings.isGateway, isProfile: () => true });
  return typeof target === 'string' ? null : unnamedFault(target.gateway, target.number, settings);
}

/** What is said of a call by a profile to what may be a number outside; `null` where it is none. */
export function unnamedFault(
  profile: string,
  dialled: string,
  { isExtension = () => false }: SwitchSettings,
): FreeSwitchSaid['fault'] {
  const number = dialledUser(dialled);
  if (!OUTSIDE.test(number) || isExtension(number)) return null;
  const by = profile === '' ? '' : ` by profile ${quote(profile)}`;
  return {
    reason: 'unnamed-trunk',
    detail:
      `Cannot tell whether a carrier bills it: it left for ${quote(number)}${by}, without a gateway. Name the profile ` +
      `with 'profile', or such numbers of phones with 'extension'`,
  };
}
