import { describe, expect, it } from 'vitest';
import type { Leg } from '../../../formats/call/leg.ts';
import type { LegReading } from '../../../formats/call/leg-reading.ts';
import { readLegs } from '../../../formats/call/whole-call.ts';
import { createFreeSwitchCsv, type FreeSwitchCsvOptions } from '../../../formats/freeswitch/freeswitch-csv.ts';
import { compileCivilTime } from '../../../tariffs/index.ts';

const CSV = createFreeSwitchCsv({ switchId: 'fs', clock: compileCivilTime('UTC') });

function uuid(place: number): string {
  return `00000000-0000-4000-8000-00000000000${place}`;
}

/** A row of the template `example`. */
function row(
  own: number,
  other: number | null,
  given: { line?: string; to?: string; at?: string; s?: number } = {},
): string {
  const { line = '200', to = '0612345678', at = '10:00:00', s = 60 } = given;
  const start = `2026-11-03 ${at}`;
  const end = new Date(Date.parse(`${start.replace(' ', 'T')}Z`) + s * 1000)
    .toISOString()
    .slice(0, 19)
    .replace('T', ' ');
  const fields = ['A', '200', to, 'default', start, start, end, String(s), String(s), 'NORMAL_CLEARING', uuid(own)];
  return [...fields, other === null ? '' : uuid(other), line, 'PCMA', 'PCMA'].map((field) => `"${field}"`).join(',');
}

function decode(line: string) {
  const bytes = Buffer.from(line);
  return CSV.decode(bytes, 0, bytes.length);
}

/** What rows come to, each in the group of its own, in whatever order they are known. */
function readings(...rows: readonly string[]): LegReading[] {
  const decoded = rows.map(decode);
  const legs = decoded.flatMap(({ leg, witnesses = [] }) => [leg!, ...witnesses]);
  const known = new Map<Leg, LegReading>();
  for (const group of Map.groupBy(legs, ({ groupId }) => groupId).values()) {
    const inOrder = readLegs(group);
    expect(readLegs(group.toReversed()).toReversed()).toEqual(inOrder);
    for (const [index, leg] of group.entries()) known.set(leg, inOrder[index]!);
  }
  return decoded.map(({ leg }) => known.get(leg!)!);
}

function read(...rows: readonly string[]): string[] {
  return readings(...rows).map((reading) =>
    reading.kind === 'call' ? `${reading.content.line} ${reading.content.durationMs / 1000}s` : reading.reason,
  );
}

function quoted(fields: readonly string[]): string {
  return fields.map((field) => `"${field}"`).join(',');
}

/** `call`, or why the row is none. */
function reasonOf(line: string, options: Partial<FreeSwitchCsvOptions> = {}): string {
  const bytes = Buffer.from(line);
  const csv = createFreeSwitchCsv({ switchId: 'fs', clock: compileCivilTime('UTC'), ...options });
  const decoded = csv.decode(bytes, 0, bytes.length);
  return decoded.kind === 'call' ? 'call' : decoded.reason;
}

describe('rows of mod_cdr_csv', () => {
  it('are one call where they name each other: of the leg that began first, as long as the shorter', () => {
    expect(read(row(1, 2), row(2, 1, { at: '10:00:05', s: 55 }))).toEqual(['200 55s', 'other-leg']);
    expect(read(row(2, 1), row(1, 2, { at: '10:00:05', s: 55 }))).toEqual(['200 55s', 'other-leg']);
    expect(read(row(1, 2))).toEqual(['200 60s']);
  });

  it('are two calls of a caller who talked on two legs in turn, whichever ids they have', () => {
    const orders = [
      [1, 2, 3],
      [1, 3, 2],
      [2, 1, 3],
      [2, 3, 1],
      [3, 1, 2],
      [3, 2, 1],
    ] as const;
    for (const [caller, first, second] of orders) {
      // The caller's row names the leg that it was connected with last.
      const rows = [
        row(caller, second, { s: 100 }),
        row(first, caller, { at: '10:00:01', s: 40 }),
        row(second, caller, { at: '10:00:50', s: 50 }),
      ];
      expect(read(...rows)).toEqual(['200 50s', '200 40s', 'other-leg']);
    }
  });

  it('wait where they say different lines or numbers', () => {
    expect(read(row(1, 2), row(2, 1, { at: '10:00:05', line: '300' }))).toEqual(['contradiction', 'other-leg']);
    expect(read(row(1, 2), row(2, 1, { at: '10:00:05', to: '0899123456' }))).toEqual(['contradiction', 'other-leg']);
  });

  it('tell of one leg in several ways: the fullest counts, and one that contradicts it is a conflict', () => {
    const bare = row(1, 2).replace('"A","200"', '"A",""');
    expect(read(row(1, 2), bare)).toEqual(['200 60s', 'other-leg']);
    expect(read(row(1, 2), bare, row(2, 1, { at: '10:00:05', s: 55 }))).toEqual(['200 55s', 'other-leg', 'other-leg']);
    // Each is read with the leg that it names: they are one call by its identity.
    const [one, other] = readings(row(1, 2), row(1, 3));
    expect(one).toEqual(other);
    expect(read(row(1, 2), row(1, 2, { s: 30 }))).toEqual(['200 60s', '200 30s']);
  });

  it('say of a leg that is none what call it would be, which others may have told', () => {
    const told = readings(row(1, 2), row(2, 1, { at: '10:00:05' }), row(2, 1, { at: '10:00:05', line: '' }));
    expect(told).toMatchObject([
      { kind: 'call' },
      { kind: 'not-a-call', none: { callId: uuid(2) } },
      { kind: 'not-a-call', reason: 'other-leg' },
    ]);
    expect(told[2]).not.toHaveProperty('none');
  });

  it('wait where a line called a number outside without a gateway, and nobody named profiles', () => {
    const times = ['2026-11-03 10:00:00', '2026-11-03 10:01:00'];
    const ofOpencdrrate = (to: string, gateway: string, line = '200'): string =>
      quoted([uuid(1), '', 'outbound', '200', to, ...times, '60', line, '', '192.0.2.7', '', gateway]);
    const ofAsterisk = (target: string): string => {
      const told = ['200', '200', '0612345678', 'default', '"A" <200>', 'sofia/internal/200', 'x', 'bridge', target];
      const ends = [times[0]!, times[0]!, times[1]!, '60', '60', 'ANSWERED', 'DOCUMENTATION', uuid(1), ''];
      return quoted([...told.slice(0, 4), 'A', ...told.slice(5), ...ends]);
    };
    expect(reasonOf(ofOpencdrrate('0612345678', 'op'))).toBe('call');
    expect(reasonOf(ofOpencdrrate('0612345678', ''))).toBe('unnamed-trunk');
    expect(reasonOf(ofOpencdrrate('201', ''))).toBe('internal');
    expect(reasonOf(ofOpencdrrate('0612345678', '', ''))).toBe('internal');
    expect(reasonOf(ofOpencdrrate('0612345678', ''), { isExtension: () => true })).toBe('internal');
    const outside = 'sofia/external/0612345678@203.0.113.5';
    expect(reasonOf(ofAsterisk(outside))).toBe('unnamed-trunk');
    expect(reasonOf(ofAsterisk(outside), { profiles: ['external'] })).toBe('call');
    expect(reasonOf(ofAsterisk(outside), { profiles: ['op'] })).toBe('internal');
    expect(reasonOf(ofAsterisk('user/201'))).toBe('internal');
    expect(reasonOf(ofAsterisk('sofia/external/3639@203.0.113.5'))).toBe('unnamed-trunk');
    expect(reasonOf(ofAsterisk('sofia/internal/2201@192.0.2.7'))).toBe('internal');
    const line = 'FreeTDM/1:1/0612345678';
    expect(reasonOf(ofAsterisk(line))).toBe('unnamed-trunk');
    expect(reasonOf(ofAsterisk(line), { profiles: ['FreeTDM'] })).toBe('call');
  });

  it('are calls of their own where they name no other, and no other names them', () => {
    expect(read(row(1, null), row(2, null))).toEqual(['200 60s', '200 60s']);
    expect(read(row(1, null, { line: '' }))).toEqual(['no-line']);
    expect(decode(row(1, null)).witnesses).toBeUndefined();
  });

  it('are one call where the caller names a leg that names none, as the module writes both', () => {
    const caller = row(2, 1, { s: 62 });
    // Of a leg that was made within the same second, of one that has no account code, and of one with a prefix.
    expect(read(caller, row(1, null))).toEqual(['200 60s', 'other-leg']);
    expect(read(row(1, null, { at: '10:00:02' }), caller)).toEqual(['other-leg', '200 60s']);
    expect(read(caller, row(1, null, { line: '' }))).toEqual(['200 62s', 'other-leg']);
    expect(read(caller, row(1, null, { to: '33612345678' }))).toEqual(['200 60s', 'other-leg']);
    expect(read(caller, row(1, null, { line: '300' }))).toEqual(['contradiction', 'other-leg']);
    // A leg that the caller talked on before is a call of its own, and one that a third names is of that.
    expect(read(caller, row(1, null), row(3, null, { s: 5 }))).toEqual(['200 60s', 'other-leg', '200 5s']);
    // Nobody pays for a caller from outside.
    expect(read(row(2, 1, { line: '' }), row(1, null))).toEqual(['no-line', '200 60s']);
  });

  it('are one call where the caller is told twice, once without its other leg', () => {
    const bare = row(2, null, { s: 62 });
    const [first, second, third] = readings(row(2, 1, { s: 62 }), bare, row(1, null));
    expect(first).toMatchObject({ kind: 'call', content: { durationMs: 60_000 } });
    expect(second).toMatchObject({ kind: 'not-a-call', reason: 'other-leg' });
    expect(third).toMatchObject({ kind: 'not-a-call', reason: 'other-leg', none: { callId: uuid(1) } });
  });

  it('are calls of their own where they are of other calls', () => {
    expect(read(row(1, 2), row(3, 4))).toEqual(['200 60s', '200 60s']);
  });
});
