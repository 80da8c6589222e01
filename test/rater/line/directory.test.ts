import { describe, expect, it } from 'vitest';
import { Directory, type Cdr, type Line, emptyMonthState } from '../../../rater/index.ts';
import { ownerOf } from '../../../rater/line/directory.ts';
import { IS_KNOWN } from '../../../rater/line/line-records.ts';
import { at, cdr, civilTime, line, lineState, plan, span } from '../rating-for-test.ts';

const NUMBER_1 = 33_140_000_001;
const NUMBER_2 = 33_140_000_002;
const MOVE = at('2026-11-10');

function directoryOf(...lines: readonly Line[]): Directory {
  const directory = new Directory(plan);
  for (const given of lines) directory.put(lineState(given));
  return directory;
}

/** L1 and L2 with a number each, L3 with none, and L4 that ended on 10 November. */
const ours = directoryOf(
  line('L1', { spans: [span({ number: NUMBER_1 })] }),
  line('L2', { spans: [span({ number: NUMBER_2 })] }),
  line('L3'),
  line('L4', { spans: [span({ to: MOVE })] }),
);

describe('Directory.find()', () => {
  it.each([
    'L1',
    '+33140000001',
    '0140000001',
    '0033140000001',
    '33140000001',
    'tel:+33-1-40-00-00-01',
    'sip:0140000001@sbc',
  ])('finds a line by %s', (party) => {
    expect(ours.find(party, MOVE)?.id).toBe('L1');
  });

  it.each(['L9', '+33140000009', 'anonymous', '', '15'])('finds nobody by %j', (party) => {
    expect(ours.find(party, MOVE)).toBeNull();
  });

  it('finds by a number the line that has it at the instant', () => {
    const directory = directoryOf(
      line('L1', { spans: [span({ number: NUMBER_1, to: MOVE }), span({ number: NUMBER_2, from: MOVE })] }),
      line('L2', { spans: [span({ number: NUMBER_2, to: MOVE }), span({ number: NUMBER_1, from: MOVE })] }),
    );
    expect(directory.find('0140000001', MOVE - 1)?.id).toBe('L1');
    expect(directory.find('0140000001', MOVE)?.id).toBe('L2');
    expect(directory.find('0140000002', MOVE)?.id).toBe('L1');
  });

  it('forgets the numbers of a line that is put again without them', () => {
    const directory = directoryOf(line('L1', { spans: [span({ number: NUMBER_1 })] }));
    directory.put(lineState(line('L1', { spans: [span({ number: NUMBER_2 })] })));
    expect(directory.find('0140000001', MOVE)).toBeNull();
    expect(directory.find('0140000002', MOVE)?.id).toBe('L1');
    expect([...directory.lines]).toHaveLength(1);
  });
});

describe('ownerOf()', () => {
  it.each([
    // what, differences of a call of L1; who pays, forwarded, a party that is none of ours
    ['nothing: the line pays', {}, 'L1', false, false],
    ['a diversion by ours', { diversions: ['L2'] }, 'L2', true, false],
    ['a diversion by the line itself', { diversions: ['L1'] }, 'L1', true, false],
    ['two diversions by ours: the last', { diversions: ['L2', 'L3'] }, 'L3', true, false],
    ['a diversion by ours, then outside', { diversions: ['L2', '+33155555555'] }, 'L2', true, true],
    ['a diversion outside, then by ours', { diversions: ['+33155555555', '0140000002'] }, 'L2', true, false],
    ['a diversion outside alone: it proves nothing', { diversions: ['+33155555555'] }, 'L1', false, true],
    ['a transfer by ours', { transferredBy: 'L2' }, 'L2', false, false],
    ['a transfer by a number of ours', { transferredBy: '+33 1 40 00 00 02' }, 'L2', false, false],
    ['a transfer by another', { transferredBy: '+33155555555' }, 'L1', false, true],
    ['a diversion before a transfer', { diversions: ['L3'], transferredBy: 'L2' }, 'L3', true, false],
    ['a diversion outside and a transfer', { diversions: ['+33155555555'], transferredBy: 'L2' }, 'L2', false, true],
    ['the line by its number', { line: '0140000002' }, 'L2', false, false],
  ] satisfies [string, Partial<Cdr>, string, boolean, boolean][])(
    'with %s',
    (_, given, id, isForwarded, unresolved) => {
      const owner = ownerOf(cdr(given), ours);
      expect([owner?.line.id, owner?.isForwarded, owner?.hasUnresolvedParty]).toEqual([id, isForwarded, unresolved]);
    },
  );

  it('is nobody for a line that is none of ours', () => {
    expect(ownerOf(cdr({ line: 'L9' }), ours)).toBeNull();
    expect(ownerOf(cdr({ line: 'L9', diversions: ['+33155555555'] }), ours)).toBeNull();
  });

  it("goes by the start of the call: a number that is not a line's yet is an outside one", () => {
    const directory = directoryOf(line('L1'), line('L2', { spans: [span({ number: NUMBER_2, from: MOVE })] }));
    const diverted = { diversions: ['0140000002'] };
    expect(ownerOf(cdr({ ...diverted, startedAt: MOVE - 1 }), directory)?.line.id).toBe('L1');
    expect(ownerOf(cdr({ ...diverted, startedAt: MOVE }), directory)?.line.id).toBe('L2');
  });
});

describe('Directory.remember()', () => {
  const START = at('2026-11-03 10:15');

  /**
   * Whether a call of L1 is remembered at the place of the id of another line, which is then taken out, or of its
   * own.
   */
  function isRemembered(isOwnPlace: boolean): boolean {
    const directory = directoryOf(line('0140000009'));
    const caller = lineState(line('L1', { spans: [span({ number: 33_140_000_009 })] }));
    directory.put(caller);
    caller.lastMonth = emptyMonthState(caller.factSpans, 202611, civilTime);
    directory.remove(directory.get('0140000009')!);
    const place = isOwnPlace ? 1 : 0;
    directory.remember(place, caller, START, 0, 0);
    return directory.records.words[directory.records.at(place) + IS_KNOWN] === 1;
  }

  it('keeps what a call showed of its line at the place of the line, and of no other', () => {
    expect([isRemembered(true), isRemembered(false)]).toEqual([true, false]);
  });
});
