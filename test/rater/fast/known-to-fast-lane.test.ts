import { describe, expect, it } from 'vitest';
import { Directory } from '../../../rater/index.ts';
import { isKnownToFastLane } from '../../../rater/fast/known-to-fast-lane.ts';
import { CONDITIONS, CallFlag, type ConditionId, type Offer, conditionById } from '../../../rules/index.ts';
import { fullIllimite } from '../../rules/full-illimite-for-test.ts';
import { forfait99 } from '../../rules/offers-for-test.ts';
import { isOrdinary, rateInLane, written } from '../lane-for-test.ts';
import { contextOf, line, lineState, offersOf, plan, span } from '../rating-for-test.ts';

const PHONE = { userAgent: 'Yealink T46', sourceIp: '192.0.2.1' };

/** Whether the lane takes the second of two calls alike of a line under an offer. */
function isTaken(offer: Offer): boolean {
  const directory = new Directory(plan);
  directory.put(lineState(line('L1', { spans: [span({ offer: offer.id })] }), offersOf(offer)));
  const context = contextOf(directory);
  expect([...rateInLane(written({ ...PHONE, callId: 'c1' }), context, 1)]).toHaveLength(1);
  return isOrdinary({ ...PHONE, callId: 'c2' }, context);
}

/** An offer that has one condition. */
function offerWith(id: ConditionId): Offer {
  const all = [fullIllimite(), forfait99()].flatMap(({ conditions }) => conditions);
  const condition = all.find((one) => one.id === id);
  if (condition === undefined) throw new Error(`Cannot make an offer of '${id}': no offer of rules/offers has it`);
  return { ...fullIllimite(), id: 'one', conditions: [condition] };
}

describe('the fast lane steps aside for an offer whose conditions ask', () => {
  it.each(['call-length', 'monthly-minutes'] as const)('%s: its flag is none that the lane knows', (id) => {
    expect(isTaken(offerWith(id))).toBe(false);
    const { conditions } = offerWith(id);
    expect(isTaken({ ...fullIllimite(), id: 'with', conditions: [...fullIllimite().conditions, ...conditions] })).toBe(
      false,
    );
  });

  it.each(fullIllimite().conditions.map(({ id }) => id))('not for %s, which it knows', (id) => {
    expect(isTaken(offerWith(id))).toBe(true);
  });

  it.each([
    ['a flag that it does not know', { id: 'call-length', kind: 'alone', flags: 1 << 14 }],
    [
      'that flag beside one that it knows',
      { id: 'equipment', kind: 'first-call', flags: CallFlag.pbxUserAgent | (1 << 14) },
    ],
    ['no flag, of single calls', { id: 'forwarding', kind: 'alone', flags: 0 }],
    ['which call crosses a limit of its own', { id: 'monthly-minutes', kind: 'crossing', flags: 0 }],
    ['a measure of its own', { id: 'usage-class', kind: 'measured', flags: 0 }],
  ] satisfies [string, Parameters<typeof isKnownToFastLane>[0]][])('%s', (_, condition) => {
    expect(isKnownToFastLane(condition)).toBe(false);
  });

  it('for those conditions alone, of all that there are', () => {
    const known = CONDITIONS.map(({ id }) => id).filter((id) => isKnownToFastLane(conditionById(id)));
    expect(known.toSorted()).toEqual(
      fullIllimite()
        .conditions.map(({ id }) => id)
        .toSorted(),
    );
  });
});
