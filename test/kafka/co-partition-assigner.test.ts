import { describe, expect, it } from 'vitest';
import { coPartition } from '../../kafka/co-partition-assigner.ts';

const members = (...ids: string[]): { memberId: string; topics: string[] }[] =>
  ids.map((memberId) => ({ memberId, topics: ['a', 'b'] }));

describe('coPartition()', () => {
  it('gives partition p of every topic to one member, in whatever order members come', () => {
    const partitions = new Map([
      ['a', [0, 1, 2, 3]],
      ['b', [3, 2, 1, 0]],
    ]);
    expect(coPartition(members('y', 'x'), partitions)).toEqual(
      new Map([
        ['x', { a: [0, 2], b: [2, 0] }],
        ['y', { a: [1, 3], b: [3, 1] }],
      ]),
    );
  });

  it('gives members without a partition an empty assignment', () => {
    expect(coPartition(members('x', 'y'), new Map([['a', [0]]]))).toEqual(
      new Map([
        ['x', { a: [0] }],
        ['y', {}],
      ]),
    );
  });

  it('gives a topic to those members only that read it, as while a setting is rolled out', () => {
    const partitions = new Map([
      ['a', [0, 1]],
      ['new', [0, 1]],
    ]);
    const mixed = [...members('x'), { memberId: 'y', topics: ['a', 'new'] }];
    expect(coPartition(mixed, partitions)).toEqual(
      new Map([
        ['x', { a: [0] }],
        ['y', { a: [1], new: [0, 1] }],
      ]),
    );
  });
});
