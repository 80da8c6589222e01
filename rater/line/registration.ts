/** What a switch said of a registration of a line: `''` stands for what it did not say. */
export interface RegistrationEvent {
  /** The contact address that was registered; `*` with `expires` 0 ends all of the line's. */
  readonly contact: string;
  readonly userAgent: string;
  /** The address that the request came from (received, not Via). */
  readonly address: string;
  /** ms since the epoch. */
  readonly at: number;
  /** Seconds; 0: the registration ends. */
  readonly expires: number;
}

/** A registration in force at an instant. */
export interface Registration {
  /** When it was made, or renewed last; ms since the epoch. */
  readonly at: number;
  /** `null` where the switch did not say. */
  readonly userAgent: string | null;
  readonly sourceIp: string | null;
}

/** The registrations of lines in force at the starts of calls, as far as somebody asked the ledger for them. */
export interface RegistrationAnswers {
  of(line: { readonly no: number }, instant: number): readonly Registration[];
}

export const NO_REGISTRATIONS: readonly Registration[] = [];

/** A registration counts for a day at most after it was renewed last, whatever it says: a phone renews it sooner. */
export const LONGEST_REGISTRATION_MS = 86_400_000;

/**
 * The registrations of one line in force at `instant`, the latest first: a function of the set of events alone, in
 * whatever order, however often each is given. The last event of a contact says whether it is registered; where no
 * contact is told, the user agent and the address stand for it.
 */
export function registrationsAt(events: readonly RegistrationEvent[], instant: number): readonly Registration[] {
  const latest = new Map<string, RegistrationEvent>();
  let allEndedAt = -Infinity;
  for (const event of events) {
    if (event.at > instant) continue;
    if (endsAll(event)) {
      allEndedAt = Math.max(allEndedAt, event.at);
      continue;
    }
    const key = event.contact === '' ? JSON.stringify([event.userAgent, event.address]) : event.contact;
    const known = latest.get(key);
    if (known === undefined || compareEvents(event, known) > 0) latest.set(key, event);
  }
  const inForce = new Map<string, Registration>();
  for (const { at, expires, userAgent, address } of latest.values()) {
    if (expires === 0 || at < allEndedAt) continue;
    if (instant >= at + Math.min(expires * 1000, LONGEST_REGISTRATION_MS)) continue;
    const key = JSON.stringify([userAgent, address]);
    const known = inForce.get(key);
    if (known !== undefined && known.at >= at) continue;
    inForce.set(key, { at, userAgent: userAgent === '' ? null : userAgent, sourceIp: address === '' ? null : address });
  }
  if (inForce.size === 0) return NO_REGISTRATIONS;
  return [...inForce]
    .toSorted(([a, one], [b, other]) => other.at - one.at || (a < b ? -1 : 1))
    .map(([, registration]) => registration);
}

type OwnEvidence = Pick<Registration, 'userAgent' | 'sourceIp'>;

/** Whether the record of a call leaves open which device it came from, and from where. */
export function lacksEvidence({ userAgent, sourceIp }: OwnEvidence): boolean {
  return userAgent === null || sourceIp === null;
}

/** Those that a call may have come by, of the registrations in force: what its record says itself wins. */
export function fittingRegistrations(own: OwnEvidence, inForce: readonly Registration[]): readonly Registration[] {
  if (inForce.length === 0) return inForce;
  return inForce.filter(
    ({ userAgent, sourceIp }) =>
      (own.userAgent === null || own.userAgent === userAgent) && (own.sourceIp === null || own.sourceIp === sourceIp),
  );
}

function endsAll({ expires, contact, userAgent, address }: RegistrationEvent): boolean {
  return expires === 0 && (contact === '*' || (contact === '' && userAgent === '' && address === ''));
}

/** The later one last; at one instant an end comes before a registration, and the one that lasts longer is last. */
function compareEvents(a: RegistrationEvent, b: RegistrationEvent): number {
  if (a.at !== b.at) return a.at - b.at;
  if (a.expires !== b.expires) return a.expires - b.expires;
  return JSON.stringify([a.userAgent, a.address]) < JSON.stringify([b.userAgent, b.address]) ? -1 : 1;
}
