import { expect, it } from 'vitest';
import { type KnownLeg, MOST_LEGS, recordOf, revisionOfReading, standingOf } from '../../../engine/legs/leg-group.ts';
import { canonicalNdjson, decodeKept } from '../../../formats/index.ts';
import { asteriskRow } from '../../support/asterisk-rows.ts';
import { ASTERISK } from '../../support/legs-under-test.ts';

function known(row: string, count: number): KnownLeg {
  const bytes = Buffer.from(row);
  return { leg: ASTERISK.decode(bytes, 0, bytes.length).leg!, known: count, receipt: null, recordHash: null };
}

/** What the first comes to, and what the others do, each once. */
function outcomes(legs: readonly KnownLeg[]): string[] {
  const readings = [...standingOf(legs).values()].map(({ reading }) =>
    reading.kind === 'call' ? 'call' : reading.reason,
  );
  return [readings[0]!, ...new Set(readings.slice(1))];
}

it('of more records of one call than there can be, those that are none by themselves stay so, and others wait', () => {
  const call = known(asteriskRow({ account: '200' }), 1);
  const rung = Array.from({ length: MOST_LEGS }, (_, index) =>
    known(asteriskRow({ disposition: 'NO ANSWER', sequence: index }), index + 2),
  );
  expect(outcomes([call, ...rung.slice(1)])).toEqual(['call', 'unanswered']);
  const standing = standingOf([call, ...rung]);
  expect(outcomes([call, ...rung])).toEqual(['contradiction', 'unanswered']);
  // Nothing is new of them.
  expect([...standing.values()].slice(1, 3).map(({ revision }) => revision)).toEqual([1, 2]);
});

it.each([1, 2, 200, 999_999])('a reading since %i legs more counts before fewer, and after any correction', (legs) => {
  const { leg } = known(asteriskRow({ account: '200' }), 1);
  const reading = standingOf([{ leg, known: 1, receipt: null, recordHash: null }])
    .values()
    .next().value!;
  const record = recordOf({ ...reading, revision: legs }, leg);
  if (record.kind !== 'call') throw new Error('It is no call');
  const { recordBuffer, recordStart, recordEnd } = record.cdr;
  const revision = revisionOfReading(legs);
  expect(revision).toBeGreaterThan(revisionOfReading(legs - 1));
  expect(revision).toBeLessThan(1);
  const kept = recordBuffer.subarray(recordStart, recordEnd);
  expect(decodeKept(kept)).toMatchObject({ kind: 'call', cdr: { revision } });
  // Nobody else says such a revision.
  expect(canonicalNdjson.decode(kept, 0, kept.length)).toMatchObject({ kind: 'bad', reason: 'invalid-field' });
});
