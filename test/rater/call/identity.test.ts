import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalText, type CdrContent } from '../../../rater/call/canonical-text.ts';
import { compareIdentity, contentHash, identityHash, identityHashOfBytes } from '../../../rater/call/identity.ts';

const call: CdrContent = {
  switchId: 'sbc-1',
  callId: 'c-1',
  legId: '',
  revision: 0,
  line: 'L1',
  dialled: '+33612345678',
  calling: null,
  startedAt: Date.UTC(2026, 10, 3, 10, 15),
  durationMs: 61_000,
  userAgent: null,
  sourceIp: null,
  diversions: [],
  transferredBy: null,
  mobilityUsed: null,
};

function hashOf(switchId: string, callId: string, legId: string): bigint {
  const out = new Int32Array(2);
  identityHash({ switchId, callId, legId }, out);
  return (BigInt(out[0] ?? 0) << 32n) | BigInt((out[1] ?? 0) >>> 0);
}

/** FNV-1a 64 as its authors define it. */
function fnv1a64(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(text, 'utf8')) hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn;
  return hash.toString(16).padStart(16, '0');
}

describe('canonicalText()', () => {
  test('has one key order and leaves absent values and defaults out', () => {
    expect(canonicalText(call)).toBe(
      '{"v":1,"switch":"sbc-1","call":"c-1","line":"L1","to":"+33612345678","answered":"2026-11-03T10:15:00.000Z","durationMs":61000}',
    );
    expect(canonicalText({ ...call, legId: 'b', revision: 3, mobilityUsed: false, diversions: ['L2'] })).toBe(
      '{"v":1,"switch":"sbc-1","call":"c-1","leg":"b","line":"L1","to":"+33612345678","answered":"2026-11-03T10:15:00.000Z","durationMs":61000,"diversions":["L2"],"mobility":false,"revision":3}',
    );
  });
});

/** The same as JSON of an object: what is stored in ledgers must never change. */
function plainText(cdr: CdrContent & { readonly kind?: string }): string {
  return JSON.stringify({
    v: 1,
    switch: cdr.switchId,
    call: cdr.callId,
    leg: cdr.legId === '' ? undefined : cdr.legId,
    line: cdr.line,
    to: cdr.dialled,
    from: cdr.calling ?? undefined,
    answered: new Date(cdr.startedAt).toISOString(),
    durationMs: cdr.durationMs,
    ua: cdr.userAgent ?? undefined,
    ip: cdr.sourceIp ?? undefined,
    diversions: cdr.diversions.length === 0 ? undefined : cdr.diversions,
    transferredBy: cdr.transferredBy ?? undefined,
    mobility: cdr.mobilityUsed ?? undefined,
    revision: cdr.revision === 0 ? undefined : cdr.revision,
    kind: cdr.kind === 'call' ? undefined : cdr.kind,
  });
}

describe('canonicalText() of any call', () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('', '"', '\\', '\u2028', '\ud800', '\u0000'));
  const orNull = fc.option(text);
  const contents = fc.record({
    switchId: text,
    callId: text,
    legId: text,
    revision: fc.nat(3),
    line: text,
    dialled: text,
    calling: orNull,
    startedAt: fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 }),
    durationMs: fc.nat(),
    userAgent: orNull,
    sourceIp: orNull,
    diversions: fc.array(text, { maxLength: 3 }),
    transferredBy: orNull,
    mobilityUsed: fc.option(fc.boolean()),
    kind: fc.constantFrom('call', 'internal', 'attempt'),
  });
  test('is JSON of its fields in their order', () => {
    fc.assert(
      fc.property(contents, (content) => {
        expect(canonicalText(content)).toBe(plainText(content));
      }),
    );
  });
});

describe('contentHash()', () => {
  test('is FNV-1a 64 over the UTF-8 bytes of the canonical text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(), (line, durationMs) => {
        const content = { ...call, line, durationMs };
        expect(contentHash(content)).toBe(fnv1a64(canonicalText(content)));
      }),
    );
  });
});

describe('identityHash()', () => {
  test('never changes: it is stored in ledgers', () => {
    expect(hashOf('sbc-par-1', '7f3c', 'a')).toMatchInlineSnapshot(`6025447516537012993n`);
    expect(hashOf('', '', '')).toMatchInlineSnapshot(`-6632564047360662899n`);
  });

  test('is the same of texts and of their UTF-8 bytes', () => {
    const part = fc.string({ unit: 'grapheme', maxLength: 12 });
    fc.assert(
      fc.property(part, part, part, (switchId, callId, legId) => {
        const parts = [switchId, callId, legId].map((text) => Buffer.from(text, 'utf8'));
        const ends = parts.map((_, i) => 1 + Buffer.concat(parts.slice(0, i + 1)).length);
        const bytes = Uint8Array.from(Buffer.concat([Buffer.of(1), ...parts, Buffer.alloc(4)]));
        const [a = 0, b = 0, c = 0] = ends;
        const out = new Int32Array(2);
        identityHashOfBytes(new DataView(bytes.buffer), 1, a, a, b, b, c, out);
        expect((BigInt(out[0] ?? 0) << 32n) | BigInt((out[1] ?? 0) >>> 0)).toBe(hashOf(switchId, callId, legId));
      }),
    );
  });

  test('tells the parts apart wherever they are cut', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 12 }), fc.nat(), fc.nat(), (all, a, b) => {
        const [i, j] = [a % (all.length + 1), b % (all.length + 1)].toSorted((x, y) => x - y);
        const cut = hashOf(all.slice(0, i), all.slice(i, j), all.slice(j));
        expect(cut === hashOf(all, '', '')).toBe(i === all.length);
      }),
    );
  });

  test('has no collision among 300,000 ids as switches make them, and both halves spread evenly', () => {
    const seen = new Set<bigint>();
    const high = new Uint32Array(256);
    const low = new Uint32Array(256);
    for (let i = 0; i < 300_000; i++) {
      const random = createHash('md5').update(`${i}`).digest('hex');
      const callId = i % 3 === 0 ? `17637${i}.${i % 7}` : i % 3 === 1 ? random : `call-${i}`;
      const hash = hashOf(`sbc-${i % 4}`, callId, i % 2 === 0 ? '' : 'b');
      seen.add(hash);
      high[Number((hash >> 32n) & 255n)]!++;
      low[Number(hash & 255n)]!++;
    }
    expect(seen.size).toBe(300_000);
    // 1,172 expected in each of 256 cells; six standard deviations are 205.
    for (const cells of [high, low]) {
      expect(Math.max(...cells)).toBeLessThan(1172 + 205);
      expect(Math.min(...cells)).toBeGreaterThan(1172 - 205);
    }
  });
});

const id = (switchId: string, callId: string, legId: string) => ({ switchId, callId, legId });

describe('compareIdentity()', () => {
  test('orders by switch, call and leg, by UTF-16 code units', () => {
    expect(compareIdentity(id('a', 'x', ''), id('b', 'a', ''))).toBe(-1);
    expect(compareIdentity(id('a', 'x', 'b'), id('a', 'x', 'a'))).toBe(1);
    expect(compareIdentity(id('a', 'x', 'b'), id('a', 'x', 'b'))).toBe(0);
    // U+FF61 sorts after the surrogates of U+1F600 by code units, before it by code points: code units decide.
    expect(compareIdentity(id('a', '\u{1F600}', ''), id('a', '\uFF61', ''))).toBe(-1);
  });
});
