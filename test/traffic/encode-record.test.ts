import { describe, expect, it } from 'vitest';
import { encodeOtherwise, encodeRecord } from '../../traffic/encode-record.ts';
import type { TrafficRecord } from '../../traffic/traffic-record.ts';
import { canonicalNdjson } from '../../formats/canonical/canonical-ndjson.ts';
import { contentHash } from '../../rater/index.ts';

const full: TrafficRecord = {
  switchId: 'sbc-par-1',
  callId: '7f3c-1',
  legId: 'b',
  line: 'L000123',
  dialled: '06 12 34 56 78',
  calling: '+33980000122',
  startedAt: Date.parse('2026-11-03T10:15:00.123Z'),
  durationMs: 61_000,
  userAgent: 'Yealink SIP-T46U 108.86.0.20',
  sourceIp: '2001:db8::1',
  diversions: ['+33980000001', 'L000007'],
  transferredBy: 'L000124',
  mobilityUsed: false,
  revision: 2,
  kind: 'call',
};
const sparse: TrafficRecord = {
  ...full,
  legId: '',
  calling: null,
  userAgent: null,
  sourceIp: null,
  diversions: [],
  transferredBy: null,
  mobilityUsed: null,
  revision: 0,
};

describe('encodeRecord()', () => {
  it('writes every field in canonical form, and leaves out what is absent', () => {
    expect(encodeRecord(full)).toBe(
      '{"v":1,"switch":"sbc-par-1","call":"7f3c-1","leg":"b","line":"L000123","to":"06 12 34 56 78","from":"+33980000122",' +
        '"answered":"2026-11-03T10:15:00.123Z","durationMs":61000,"ua":"Yealink SIP-T46U 108.86.0.20","ip":"2001:db8::1",' +
        '"diversions":["+33980000001","L000007"],"transferredBy":"L000124","mobility":false,"revision":2}',
    );
    expect(encodeRecord({ ...sparse, startedAt: null, kind: 'attempt' })).toBe(
      '{"v":1,"switch":"sbc-par-1","call":"7f3c-1","line":"L000123","to":"06 12 34 56 78","answered":null,"durationMs":61000,"kind":"attempt"}',
    );
  });
});

describe('encodeOtherwise()', () => {
  it.each([
    ['full', full],
    ['sparse', sparse],
  ])('writes a %s record in other bytes that say the same', (_, record) => {
    const [one, other] = [encodeRecord(record), encodeOtherwise(record)];
    expect(other).not.toBe(one);
    expect(hashOf(other)).toBe(hashOf(one));
  });
});

function hashOf(text: string): string {
  const bytes = Buffer.from(text);
  const decoded = canonicalNdjson.decode(bytes, 0, bytes.length);
  if (decoded.kind !== 'call') throw new Error(`Cannot hash '${text}': it is no call`);
  return contentHash(decoded.cdr);
}
