import { isJsonObject } from '../canonical/canonical-json.ts';
import { quote } from '../canonical/canonical-fields.ts';
import { bad, notACall, type Decoded, type Format } from '../format.ts';
import { parseDocument, readTexts, textAt } from '../reading/parse-document.ts';
import { dialledUser, userOf } from '../reading/sip-address.ts';
import { secondsToMs } from '../reading/switch-time.ts';
import { callTold, type SwitchSettings } from '../call/told-call.ts';

export interface KazooOptions extends SwitchSettings {
  /** Name of this cluster; `kazoo` when not given. */
  readonly switchId?: string;
  /** Fields, the call's own or custom channel variables, that name the line, in this order. */
  readonly lineFrom?: readonly string[];
}

/**
 * Kazoo's legs at their end: CHANNEL_DESTROY events of its bus, the webhook of that name, and its documents of calls.
 * Names are `Call-ID` on the bus and `call_id` elsewhere. The leg of the device that called is the call; of a call that
 * a device forwards, the leg that goes out for it.
 */
export function createKazooJson(options: KazooOptions = {}): Format {
  return {
    id: 'kazoo-json',
    framing: 'json-documents',
    decode: (buffer, start, end) =>
      readTexts(() => {
        const parsed = parseDocument(buffer, start, end);
        return parsed.kind === 'bad' ? parsed : decodeLeg(new KazooLeg(parsed.fields), options);
      }),
  };
}

/** Whether a JSON object is one of Kazoo's, by names that FreeSWITCH's events have not. */
export function isKazooObject(fields: Readonly<Record<string, unknown>>): boolean {
  const leg = new KazooLeg(fields);
  const isOfBus = leg.text('event_category') !== '' && leg.text('event_name') !== '';
  return (isOfBus || leg.text('hook_event') !== '' || leg.text('pvt_type') === 'cdr') && leg.text('call_id') !== '';
}

/** A record's fields by their names in small letters with underscores, its own before those of the channel. */
class KazooLeg {
  readonly #own: Readonly<Record<string, unknown>>;
  readonly #channel: Readonly<Record<string, unknown>>;
  /** Whether the record has custom channel variables at all. */
  readonly hasChannel: boolean;

  constructor(fields: Readonly<Record<string, unknown>>) {
    this.#own = inSmallLetters(fields);
    const channel = this.#own['custom_channel_vars'];
    this.hasChannel = isJsonObject(channel) && Object.keys(channel).length > 0;
    this.#channel = isJsonObject(channel) ? inSmallLetters(channel) : {};
  }

  text(name: string): string {
    return textAt(this.#own, name) || textAt(this.#channel, name);
  }

  isTrue(name: string): boolean {
    const own = Object.hasOwn(this.#own, name) ? this.#own[name] : this.#channel[name];
    return own === true || (typeof own === 'string' && /^(?:true|yes|1)$/i.test(own));
  }
}

function inSmallLetters(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name.toLowerCase().replaceAll('-', '_'), value]),
  );
}

/** Seconds from the year 0 of the Gregorian calendar to 1970, in which Kazoo counts. */
const GREGORIAN_SECONDS = 62_167_219_200;

/**
 * Who may authorise a leg that a subscriber places, `sys_info` being the trunk of a subscriber's own PBX; a leg that a
 * carrier sent is authorised by a resource.
 */
const SUBSCRIBERS = ['device', 'mobile', 'user', 'account', 'sys_info', 'click2call', 'callback'];

/** Who may authorise a leg that is no subscriber's: a carrier's, or one that the platform makes itself. */
const OTHERS = ['resource', 'conference', 'voicemail', 'fax', 'acdc'];

/** What has the platform call by itself: no leg that came in is counted as the call. */
const BY_PLATFORM = ['conference', 'voicemail', 'fax', 'outbound_fax', 'acdc', 'clicktocall'];

/** Kazoo's code before a number that is called with one's own hidden (`cf_privacy`). */
const HIDDEN = /^\*67(?=\+?\d)/;

/** The code that switches forwarding on, with the number to forward to. */
const FORWARDING = /^\*72/;

function decodeLeg(leg: KazooLeg, options: KazooOptions): Decoded {
  const event = leg.text('event_name') || leg.text('hook_event');
  if (!/^(?:channel_destroy|cdr|report|)$/i.test(event)) {
    // Events before the end of a leg say nothing of how long it was.
    if (leg.text('billing_seconds') === '') return notACall('other-event');
    return bad('invalid-field', `Cannot read event ${quote(event)}: it bills seconds, and is no CHANNEL_DESTROY`);
  }
  const direction = leg.text('call_direction');
  if (direction !== 'inbound' && direction !== 'outbound') {
    return bad('invalid-field', `Cannot read Call-Direction: ${quote(direction)} is neither inbound nor outbound`);
  }
  if (leg.isTrue('is_internal_leg') || leg.isTrue('channel_is_loopback')) return notACall('internal');
  const isForward = leg.isTrue('call_forwarded') || leg.isTrue('call_forward');
  const authorisedBy = leg.text('authorizing_type');
  const request = dialledUser(leg.text('request') || leg.text('to') || leg.text('callee_id_number')).replace(
    HIDDEN,
    '',
  );
  if (direction === 'outbound' && !isForward) {
    if (!isToCarrier(leg)) return notACall('other-leg');
    if (cameFromOutside(leg)) return decodeCall(leg, request, 'sent-on', options);
    if (BY_PLATFORM.includes(authorisedBy)) return decodeCall(leg, request, 'by-platform', options);
    return wasMadeForCalled(leg) ? ofTwoCalled(leg) : notACall('other-leg');
  }
  const isSubscriber = SUBSCRIBERS.includes(authorisedBy) || (authorisedBy === '' && leg.text('username') !== '');
  if (!isSubscriber && authorisedBy !== '' && !OTHERS.includes(authorisedBy)) {
    return bad(
      'invalid-field',
      `Cannot read Authorizing-Type: ${quote(authorisedBy)} is none of Kazoo's that is known`,
    );
  }
  const isUntold = authorisedBy === '' && !leg.hasChannel;
  if (direction === 'inbound' && !isSubscriber && !isUntold) return notACall('inbound');
  // Feature codes: voicemail, parking, forwarding switched on.
  if (request.startsWith('*')) {
    if (!/\d{9}$/.test(request) || FORWARDING.test(request)) return notACall('application');
    return bad('unclear-number', `Cannot tell whether a number was called: ${quote(request)} is a code with one`);
  }
  return decodeCall(leg, request, isForward ? 'forwarded' : 'placed', options);
}

function isToCarrier(leg: KazooLeg): boolean {
  return (
    leg.text('resource_id') !== '' ||
    leg.text('local_resource_id') !== '' ||
    leg.isTrue('global_resource') ||
    leg.text('authorizing_type') === 'resource'
  );
}

/**
 * Whether a leg to a carrier is of a call that came from one: no device's leg is the call, so that whoever sent it on
 * pays. `Inception` is what was called from outside.
 */
function cameFromOutside(leg: KazooLeg): boolean {
  return !['', 'on-net'].includes(leg.text('inception'));
}

/**
 * Whether an answered leg to a carrier was joined to one that the switch had called: no leg that came in is its call
 * (`quickcall`), or no longer (a transfer).
 */
function wasMadeForCalled(leg: KazooLeg): boolean {
  if (!(Number(leg.text('billing_seconds')) > 0)) return false;
  const other = leg.text('other_leg_direction');
  return other === 'outbound' || (other === '' && BY_CALLBACK.includes(leg.text('authorizing_type')));
}

/** What has the platform call both parties: which of them is whose call, the other leg's direction would tell. */
const BY_CALLBACK = ['click2call', 'callback'];

function ofTwoCalled(leg: KazooLeg): Decoded {
  const other = leg.text('other_leg_call_id');
  return bad(
    'incomplete-call',
    `Cannot tell who pays: the leg went to a carrier, and ${other === '' ? 'its other leg' : quote(other)} was called ` +
      'by the switch, too, as by quickcall or after a transfer',
  );
}

function decodeCall(
  leg: KazooLeg,
  dialled: string,
  how: 'placed' | 'forwarded' | 'sent-on' | 'by-platform',
  options: KazooOptions,
): Decoded {
  const milliseconds = leg.text('billing_milli_seconds');
  const text = milliseconds || leg.text('billing_seconds');
  const value = secondsToMs(text);
  if (value === null)
    return bad('invalid-field', `Cannot read Billing-Seconds: ${quote(text)} is no number of seconds`);
  if (value === 0) return notACall('unanswered');
  const durationMs = milliseconds === '' ? value : value / 1000;
  const timestamp = leg.text('timestamp');
  if (!/^\d{10,12}(?:\.\d+)?$/.test(timestamp)) {
    return bad('invalid-field', `Cannot read Timestamp: ${quote(timestamp)} is no number of Gregorian seconds`);
  }
  const seconds = Number(timestamp);
  const endedAt = (seconds >= GREGORIAN_SECONDS ? seconds - GREGORIAN_SECONDS : seconds) * 1000;
  const names = how === 'sent-on' ? [] : (options.lineFrom ?? ['username']);
  const own = names.map((name) => leg.text(name.toLowerCase().replaceAll('-', '_')));
  const caller = leg.text('caller_id_number');
  const line = own.find((name) => name !== '') ?? (options.lineFrom === undefined && how === 'placed' ? caller : '');
  const redirectedBy = userOf(leg.text('redirected_by'));
  const diverter = redirectedBy || (how === 'forwarded' ? line || leg.text('authorizing_id') : '');
  return callTold(
    {
      switchId: options.switchId ?? 'kazoo',
      callId: leg.text('interaction_id') || leg.text('call_id'),
      legId: leg.text('call_id'),
      line,
      dialled,
      trunk: leg.text('resource_id') || leg.text('local_resource_id'),
      calling: caller,
      answeredAt: endedAt - durationMs,
      durationMs,
      userAgent: how === 'placed' ? leg.text('user_agent') : '',
      diversions: diverter === '' ? [] : [diverter],
      transferredBy: userOf(leg.text('referred_by')),
    },
    options,
  );
}
