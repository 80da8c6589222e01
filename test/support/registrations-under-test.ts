import * as fc from 'fast-check';
import { type DeliveredRecord, type Delivery, UndecodedRecord, lazyDelivery } from '../../engine/delivery.ts';
import { registrations } from '../../formats/registrations/registrations.ts';
import type { Line } from '../../rater/index.ts';
import { encodeRecord } from './oracle/encode-record.ts';
import { type History, formatHistory } from './oracle/history.ts';
import { LINE_IDS, SOURCE_IPS, USER_AGENTS, ownNumber } from './oracle/history-lines.ts';
import type { OracleRegistration } from './oracle/oracle-types.ts';

/** What was said of registrations, and when it comes: after how much of the history, in thousandths. */
export interface RegistrationFeed {
  readonly said: readonly OracleRegistration[];
  readonly comes: readonly { readonly which: number; readonly at: number }[];
}

const EXPIRIES = [0, 0, 1, 300, 3600, 3600, 7200, 100_000, 200_000];
const OFFSETS = [-90_000_000, -86_400_000, -3_600_001, -3_600_000, -300_000, -60_000, -1, 0, 0, 1, 60_000, 3_600_000];
const CONTACTS = ['', '', '', 'sip:1@192.0.2.9', 'sip:2@192.0.2.9', '*'];
/** Away from every phone and network of these histories, twice as likely as all others together. */
const AWAY = ['Zoiper 5', 'FreePBX-16.0'];

/**
 * The same history as a switch tells it whose records say little of devices: three in four tell neither user agent nor
 * address. Two in three lines have a managed phone and a network.
 */
export function tellingLittle(history: History): History {
  const cdrs = history.cdrs.map((cdr, index) => (index % 4 === 0 ? cdr : { ...cdr, userAgent: null, sourceIp: null }));
  const deliveries = history.deliveries.map((delivery) => {
    const cdr = cdrs[delivery.cdr]!;
    return cdr === history.cdrs[delivery.cdr] ? delivery : { ...delivery, text: encodeRecord(cdr, 'canonical') };
  });
  const ever = { from: 0, to: Infinity };
  const managed = (line: Line): Line =>
    LINE_IDS.indexOf(line.id as (typeof LINE_IDS)[number]) % 3 === 0
      ? line
      : { ...line, devices: [{ ...ever, userAgent: 'Yealink*' }], networks: [{ ...ever, cidr: '192.0.2.0/24' }] };
  const told: History = {
    ...history,
    cdrs,
    deliveries,
    linesAtFirst: history.linesAtFirst.map(managed),
    changes: history.changes.map((change) => ({ ...change, lines: change.lines.map(managed) })),
    [fc.toStringMethod]: () => formatHistory(told),
  };
  return told;
}

/** Registrations around the starts of the calls of a history, in any order, some of them told twice. */
export function feedOf(history: History): fc.Arbitrary<RegistrationFeed> {
  const untold = history.cdrs.filter(({ userAgent, sourceIp }) => userAgent === null || sourceIp === null);
  const calls = [...untold, ...untold, ...history.cdrs.slice(0, 3)];
  const parties = [...LINE_IDS, ...LINE_IDS.map((_, index) => `+${ownNumber(index)}`), 'nobody'];
  const registration = fc
    .record({
      call: fc.nat(),
      party: fc.option(fc.constantFrom(...parties), { freq: 1 }),
      offset: fc.constantFrom(...OFFSETS),
      expires: fc.constantFrom(...EXPIRIES),
      contact: fc.constantFrom(...CONTACTS),
      isAway: fc.nat({ max: 2 }).map((one) => one > 0),
      away: fc.constantFrom(...AWAY),
      userAgent: fc.constantFrom(...USER_AGENTS),
      sourceIp: fc.constantFrom(...SOURCE_IPS),
    })
    .map(({ call, offset, party, isAway, away, userAgent, sourceIp, ...rest }): OracleRegistration => {
      const about = calls[call % calls.length];
      const at = (about?.startedAt ?? Date.UTC(2026, 10, 3)) + offset;
      const device = isAway
        ? { userAgent: about?.userAgent ?? away, sourceIp: about?.sourceIp ?? '203.0.113.99' }
        : { userAgent, sourceIp };
      return { party: party ?? about?.transferredBy ?? about?.line ?? 'nobody', at, ...rest, ...device };
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
