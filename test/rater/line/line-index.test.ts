import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LineIndex, hashOfId } from '../../../rater/line/line-index.ts';
import type { LineState } from '../../../rater/line/line-state.ts';
import { line, lineState } from '../rating-for-test.ts';

/** The longest id that is found by its bytes. */
const LONGEST = 87;

test('LineIndex finds every line that was put in and not taken out, by its text and by its bytes, and no other', () => {
  const id = fc.oneof(
    fc.stringMatching(/^[\w.+-]{1,12}$/),
    fc.constantFrom('', 'L1', 'L2', 'Lé', 'x'.repeat(LONGEST), 'x'.repeat(LONGEST + 1)),
  );
  const change = fc.record({ id, isPut: fc.boolean() });
  fc.assert(
    fc.property(fc.array(id, { maxLength: 200 }), fc.array(change, { maxLength: 100 }), (first, changes) => {
      const index = new LineIndex();
      const expected = new Map<string, LineState>();
      for (const { id: given, isPut } of [...first.map((one) => ({ id: one, isPut: true })), ...changes]) {
        const state = lineState(line(given));
        if (isPut) index.put(state);
        else index.remove(given);
        if (isPut) expected.set(given, state);
        else expected.delete(given);
      }
      expect(new Set(index)).toEqual(new Set(expected.values()));
      for (const asked of [...first, ...changes.map((one) => one.id)]) {
        expect(index.get(asked)).toBe(expected.get(asked));
        if (/[^ -~]/.test(asked) || asked === '' || asked.length > LONGEST) continue;
        const bytes = Buffer.from(`(${asked})`);
        expect(index.find(bytes, 1, 1 + asked.length)).toBe(expected.get(asked) ?? null);
      }
    }),
  );
});

test('LineIndex finds all of many lines', () => {
  const index = new LineIndex();
  const states = Array.from({ length: 1000 }, (_, n) => lineState(line(`L${n * 7}`)));
  for (const state of states) index.put(state);
  expect(states.every((state) => index.get(state.id) === state)).toBe(true);
  expect([...index]).toHaveLength(1000);
});

/** The place of an id as it stands in a record. */
function placeOf(index: LineIndex, id: string): number {
  const bytes = Buffer.from(`"${id}"`);
  return index.placeOf(hashOfId(bytes, 1, bytes.length - 1), bytes, 1, bytes.length - 1);
}

function guess(index: LineIndex, id: string): number {
  const bytes = Buffer.from(id);
  return index.guess(hashOfId(bytes, 0, bytes.length));
}

describe('LineIndex.placeOf()', () => {
  test('is for good: through growth, through removal, and once the line is put again', () => {
    const index = new LineIndex();
    const ids = Array.from({ length: 5000 }, (_, n) => `L${n * 7}`);
    const places = ids.map((id) => index.put(lineState(line(id))));
    expect(places).toEqual(ids.map((_, n) => n));
    expect(ids.map((id) => placeOf(index, id))).toEqual(places);
    for (const id of ids.filter((_, n) => n % 3 === 0)) index.remove(id);
    const others = Array.from({ length: 5000 }, (_, n) => index.put(lineState(line(`other ${n}`))));
    expect(new Set([...places, ...others]).size).toBe(10_000);
    const again = ids.map((id) => lineState(line(id)));
    expect(again.map((state) => index.put(state))).toEqual(places);
    expect(places.map((place) => index.at(place))).toEqual(again);
    expect(ids.map((id) => placeOf(index, id))).toEqual(places);
  });

  test('is nowhere for an id that was never put, is too long or is no plain ASCII', () => {
    const index = new LineIndex();
    const put = ['x'.repeat(LONGEST), 'x'.repeat(LONGEST + 1), 'Lé', ''].map((id) => index.put(lineState(line(id))));
    expect(put).toEqual([0, -1, -1, -1]);
    const asked = ['x'.repeat(LONGEST), 'x'.repeat(LONGEST + 1), 'Lé', '', 'L1', 'x'.repeat(LONGEST - 1)];
    expect(asked.map((id) => placeOf(index, id))).toEqual([0, -1, -1, -1, -1, -1]);
  });

  test('holds no line once it was taken out', () => {
    const index = new LineIndex();
    const place = index.put(lineState(line('L1')));
    index.remove('L1');
    expect([index.at(place), index.get('L1'), index.at(place + 1)]).toEqual([null, undefined, null]);
  });
});

describe('LineIndex.guess()', () => {
  test('is a place that exists or -1, whatever was put', () => {
    const ids = fc.uniqueArray(fc.stringMatching(/^[\w.+-]{1,12}$/), { maxLength: 100 });
    fc.assert(
      fc.property(ids, ids, (put, asked) => {
        const index = new LineIndex();
        for (const id of put) index.put(lineState(line(id)));
        const guesses = [...put, ...asked].map((id) => guess(index, id));
        expect([-1, ...put.keys()]).toEqual(expect.arrayContaining(guesses));
      }),
    );
  });

  test('is right of most lines', () => {
    const index = new LineIndex();
    const ids = Array.from({ length: 5000 }, (_, n) => `L${String(n).padStart(6, '0')}`);
    for (const id of ids) index.put(lineState(line(id)));
    const right = ids.filter((id) => guess(index, id) === placeOf(index, id));
    expect(right.length).toBeGreaterThan(ids.length / 2);
  });
});
