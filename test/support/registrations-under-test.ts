import * as fc from 'fast-check';
import { type DeliveredRecord, type Delivery, UndecodedRecord, lazyDelivery } from '../../engine/delivery.ts';
import { registrations } from '../../formats/registrations/registrations.ts';
import type { History } from './oracle/history.ts';
import { LINE_IDS, SOURCE_IPS, USER_AGENTS, ownNumber } from './oracle/history-lines.ts';
import type { OracleRegistration } from './oracle/oracle-types.ts';

/** What was said of registrations, and when it comes: after how much of the history, in thousandths. */
export interface RegistrationFeed {
  readonly said: readonly OracleRegistration[];
  readonly comes: readonly { readonly which: number; readonly at: number }[];
}

const EXPIRIES = [0, 0, 1, 300, 3600, 3600, 7200, 100_000, 200_000];
const OFFSETS = [
  -90_000_000, -86_400_000, -7_200_000, -3_600_001, -3_600_000, -300_000, -1, 0, 0, 1, 60_000, 3_600_000,
];
const CONTACTS = ['', '', 'sip:1@192.0.2.9', 'sip:2@192.0.2.9', '*'];

/** Registrations around the starts of the calls of a history, in any order, some of them told twice. */
export function feedOf(history: History): fc.Arbitrary<RegistrationFeed> {
  const starts = history.cdrs.map(({ startedAt }) => startedAt);
  const parties = [...LINE_IDS, ...LINE_IDS.map((_, index) => `+${ownNumber(index)}`), 'nobody'];
  const named = [...new Set(history.cdrs.map(({ line }) => line))];
  const registration = fc
    .record({
      party: fc.constantFrom(...parties, ...named),
      start: fc.constantFrom(...(starts.length === 0 ? [Date.UTC(2026, 10, 3)] : starts)),
      offset: fc.constantFrom(...OFFSETS),
      expires: fc.constantFrom(...EXPIRIES),
      contact: fc.constantFrom(...CONTACTS),
      userAgent: fc.constantFrom(...USER_AGENTS, 'FreePBX-16.0', 'Zoiper 5'),
      sourceIp: fc.constantFrom(...SOURCE_IPS, '203.0.113.99'),
    })
    .map(({ start, offset, expires, contact, userAgent, sourceIp, party }): OracleRegistration => {
      return { party, at: start + offset, expires, contact, userAgent, sourceIp };
    });
  return fc
    .record({
      said: fc.array(registration, { minLength: 1, maxLength: 30 }),
      places: fc.infiniteStream(fc.nat({ max: 999 })),
    })
    .map(({ said, places }) => {
      const place = (): number => places.next().value;
      const comes = said.flatMap((_, which) => {
        const at = place();
        return at % 5 === 0
          ? [
              { which, at },
              { which, at: place() },
            ]
          : [{ which, at }];
      });
      return { said, comes };
    });
}

/** Those that come after step `step` of `steps`. */
export function comingAfter({ said, comes }: RegistrationFeed, step: number, steps: number): OracleRegistration[] {
  return comes.filter(({ at }) => Math.floor((at * steps) / 1000) === step).map(({ which }) => said[which]!);
}

/** A registration in the canonical form. */
export function registrationText({ party, at, expires, contact, userAgent, sourceIp }: OracleRegistration): string {
  return JSON.stringify({
    line: party,
    registeredAt: new Date(at).toISOString(),
    expires,
    ...(contact === '' ? {} : { contact }),
    ...(userAgent === null ? {} : { ua: userAgent }),
    ...(sourceIp === null ? {} : { ip: sourceIp }),
  });
}

/** Registrations as one delivery of a source that stands at `from`. */
export function registrationDelivery(texts: readonly string[], from: number, source = 'registrations'): Delivery {
  const buffer = Buffer.from(texts.map((text) => `${text}\n`).join(''), 'utf8');
  const records: DeliveredRecord[] = [];
  let start = 0;
  for (const text of texts) {
    const end = start + Buffer.byteLength(text);
    records.push(new UndecodedRecord(registrations, buffer, start, end, from + start, 0));
    start = end + 1;
  }
  const to = from + Math.max(1, buffer.length);
  return lazyDelivery({ source, partition: 0, format: registrations.id, from, to, prefixHash: null }, () => records);
}
