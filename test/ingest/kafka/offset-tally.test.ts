import type { Batch } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { emptyRanges, tallyOf } from '../../../ingest/kafka/offset-tally.ts';

/**
 * What a fetch brought: record batches as `FIRST+LAST_DELTA: offset offset`, `!` behind those that kafkajs leaves
 * out.
 */
function fetchOf(text: string, fetched: number): Batch {
  const raw = text.split(', ').flatMap((part) => {
    const [head = '', offsets = ''] = part.split(': ');
    const [firstOffset = '', delta = ''] = head.split('+');
    return offsets.split(' ').map((offset) => ({
      offset: offset.replace('!', ''),
      isLeftOut: offset.endsWith('!'),
      batchContext: { firstOffset, lastOffsetDelta: Number(delta) },
    }));
  });
  const messages = raw.filter(({ offset, isLeftOut }) => !isLeftOut && Number(offset) >= fetched);
  const batch: unknown = { rawMessages: raw, messages };
  return batch as Batch;
}

describe('emptyRanges()', () => {
  it.each<[string, number, string, string, string]>([
    ['batches that follow one another', 10, '10+2: 10 11 12, 13+0: 13', '', ''],
    ['a fetch from within a batch', 11, '10+2: 10 11 12', '', ''],
    ['a control record', 10, '10+1: 10 11, 12+0: 12!, 13+0: 13', '12-13', '12-13'],
    ['an aborted transaction', 10, '10+1: 10! 11!, 12+0: 12!, 13+0: 13', '10-11 11-12 12-13', '10-11 11-12 12-13'],
    ['a batch that compaction has thinned', 10, '10+5: 11 14, 16+0: 16', '10-11 12-14 15-16', '10-11 12-14 15-16'],
    ['a batch that is gone', 10, '10+1: 10 11, 20+1: 20 21', '', '12-20'],
    ['a batch that is gone before the first', 10, '15+0: 15', '', '10-15'],
    ['a batch that is gone after a thinned one', 10, '10+3: 10, 20+3: 22', '11-14 20-22', '11-22'],
  ])('of %s', (_, fetched, text, expected, whenCompacted) => {
    const show = (isCompacted: boolean): string =>
      emptyRanges(fetchOf(text, fetched), fetched, isCompacted)
        .map(({ from, to }) => `${from}-${to}`)
        .join(' ');
    expect(show(false)).toBe(expected);
    expect(show(true)).toBe(whenCompacted);
  });
});

describe('tallyOf()', () => {
  it('counts messages and empty offsets of any part', () => {
    const messages = [{ offset: '10' }, { offset: '12' }, { offset: '13' }, { offset: '20' }];
    const empty = [
      { from: 11, to: 12 },
      { from: 14, to: 18 },
    ];
    const of = (from: number, to: number) => tallyOf(messages, empty, { from, to });
    expect(of(10, 21)).toEqual({ taken: 4, empty: 5 });
    expect(of(10, 13)).toEqual({ taken: 2, empty: 1 });
    expect(of(13, 16)).toEqual({ taken: 1, empty: 2 });
    expect(of(16, 21)).toEqual({ taken: 1, empty: 2 });
    expect(of(12, 12)).toEqual({ taken: 0, empty: 0 });
  });
});
