import { describe, expect, it } from 'vitest';
import { MORE_SAMPLES } from './more-samples.ts';
import { fixture, readBytes, READ_AS } from './read-fixture.ts';

/** Formats that find their columns by the first line, which is left alone. */
const HEADED = ['cucm.csv', 'yeastar.csv', 'other.csv'];

/** A generator of numbers from 0 to below 1 that is the same for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const SIGNS = [
  ...'"\\,;|:=<>{}[]&%#\n\r\0 0-9+@/',
  '\u00ff',
  '\n\n',
  '</cdr>',
  '<cdr>',
  'cdr=',
  'null',
  '%25',
  '99999999',
];

/** The bytes with some of them changed, taken away, doubled or put in. */
function mutated(bytes: Buffer, random: () => number, from: number): Buffer {
  let result = bytes;
  const pick = (below: number): number => Math.floor(random() * below);
  for (let change = 1 + pick(6); change > 0; change--) {
    const at = from + pick(result.length - from + 1);
    const length = random() < 0.8 ? pick(4) : pick(200);
    const sign = Buffer.from(SIGNS[pick(SIGNS.length)] ?? '', 'latin1');
    const middle = random() < 0.2 ? result.subarray(at, at + length) : random() < 0.8 ? sign : Buffer.alloc(0);
    const twice = random() < 0.1 ? [middle, middle] : [middle];
    result = Buffer.concat([result.subarray(0, at), ...twice, result.subarray(at + (random() < 0.5 ? 0 : length))]);
  }
  return result;
}

/** Bytes that may stand between records: what is none of them lies in a record. */
const BETWEEN = /[\s,[\]]/g;

function meaningful(bytes: Buffer): number {
  return bytes.toString('latin1').replaceAll(BETWEEN, '').length;
}

const SAMPLES = [
  ...READ_AS.map(([file, settings]) => ({
    name: file,
    bytes: fixture(file),
    settings,
    isHeaded: HEADED.includes(file),
  })),
  ...MORE_SAMPLES.map(({ text, ...sample }) => ({ ...sample, bytes: Buffer.from(text, 'utf8') })),
];

describe('mutated files', () => {
  it.each(SAMPLES)(
    '$name: never crash, never vanish: every byte that says something is in a record',
    async ({ bytes: whole, settings, isHeaded }) => {
      const from = isHeaded ? whole.indexOf(10) + 1 : 0;
      for (let seed = 1; seed <= 150; seed++) {
        const random = randomFrom(seed * 7_919);
        const bytes = mutated(whole, random, from);
        const chunk = random() < 0.3 ? 1 + Math.floor(random() * 50) : 65_536;
        const { decoded, records } = await readBytes(bytes, settings, chunk);
        const kinds = decoded.filter(({ kind }) => ['call', 'not-a-call', 'bad'].includes(kind));
        expect([seed, kinds.length]).toEqual([seed, decoded.length]);
        const said = records.reduce((sum, record) => sum + meaningful(record), 0);
        expect([seed, said]).toEqual([seed, meaningful(bytes.subarray(from))]);
        const longest = Math.max(0, ...decoded.map((one) => (one.kind === 'bad' ? one.detail.length : 0)));
        expect(longest).toBeLessThan(600);
      }
    },
  );
});
