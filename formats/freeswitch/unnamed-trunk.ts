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

/** A service number, or an extension: where it was sent tells which. */
const SHORT = /^(?:[*#]?\d{1,10}[*#])?[1-9]\d{1,6}$/;

/** Drivers of phones alone. */
const PHONE_DRIVERS: ReadonlySet<string> = new Set(['verto.rtc', 'rtc', 'skinny', 'rtmp', 'portaudio', 'alsa']);

/**
 * The name by which `profile` knows a leg: its SIP profile, or its channel's driver, where that is no SIP
 * (`FreeTDM/1:1/0612345678`).
 */
export function profileOf(variable: (name: string) => string): string {
  const named = variable('sofia_profile_name') || variable('sip_profile_name');
  return named || profileOfChannel(variable('channel_name'));
}

/** The SIP profile in a channel's name, or its driver; `''` where it has neither. */
export function profileOfChannel(channel: string): string {
  return /^(?:sofia\/)?([^/]+)\//.exec(channel)?.[1] ?? '';
}

/**
 * Whether an `unnamed-trunk` is of a short number, which may be an extension: it is outside where it left by another
 * profile than its caller's.
 */
export function isShortNumber(dialled: string): boolean {
  return SHORT.test(dialledUser(dialled));
}

/** Whether a call went out by another profile than its caller came in by; not where nothing names either. */
export function leftByAnother(channel: string, callerChannel: string): boolean {
  const [own, callers] = [profileOfChannel(channel), profileOfChannel(callerChannel)];
  return own !== '' && callers !== '' && own !== callers && callers !== 'loopback';
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
  // A loopback channel leaves nothing: what was dialled through it does.
  if (variable('channel_name').startsWith('loopback/')) return null;
  const profile = profileOf(variable);
  return profile === '' ? null : unnamedFault(profile, dialled, settings);
}

/**
 * The same of what a caller's leg was bridged to, by a dial string without a gateway: `sofia/external/0612345678@…`. A
 * short number counts where it left by another profile than the caller's.
 *
 * @param settings which gateways lead to carriers; of profiles nobody said it
 */
export function unnamedTarget(
  dialString: string,
  answeredChannel: string,
  callerChannel: string,
  settings: SwitchSettings & Pick<CarrierNames, 'isGateway'>,
): FreeSwitchSaid['fault'] {
  const target = answeredTarget(dialString, answeredChannel, { isGateway: settings.isGateway, isProfile: () => true });
  if (typeof target === 'string') return null;
  const { gateway, number } = target;
  if (isShortNumber(number) && !leftByAnother(`${gateway}/`, callerChannel)) return null;
  return unnamedFault(gateway, number, settings);
}

/** What is said of a call by a profile to what may be a number outside; `null` where it is none. */
export function unnamedFault(
  profile: string,
  dialled: string,
  { isExtension = () => false }: SwitchSettings,
): FreeSwitchSaid['fault'] {
  const number = dialledUser(dialled);
  const isOfProfile = profile !== '' && !PHONE_DRIVERS.has(profile);
  if (!(OUTSIDE.test(number) || (isOfProfile && SHORT.test(number))) || isExtension(number)) return null;
  const by = profile === '' ? '' : ` by profile ${quote(profile)}`;
  return {
    reason: 'unnamed-trunk',
    detail:
      `Cannot tell whether a carrier bills it: it left for ${quote(number)}${by}, without a gateway. Name the profile ` +
      `with 'profile', or such numbers of phones with 'extension'`,
  };
}
