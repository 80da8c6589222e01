import { describe, expect, it } from 'vitest';
import { PackedMonths } from '../../../engine/memory/packed-months.ts';
import type { KeptCall } from '../../../ledger/index.ts';
import { PackedBlock } from '../../../ledger/stretches/packed-block.ts';
import { PACKED_WORDS } from '../../../ledger/stretches/packed-call.ts';
import { BUCKET_COUNT } from '../../../rater/index.ts';

const BUCKET = 5;
const PERIOD = 202611;

/** A block of one call of each of these lines, which lasts as many ms as its place in the list says. */
function blockOf(...lines: number[]): PackedBlock {
  const words = new Int32Array(lines.length * PACKED_WORDS);
  for (const [index, line] of lines.entries()) {
    words[index * PACKED_WORDS] = line;
    words[index * PACKED_WORDS + 5] = index;
  }
  const ordered = lines.map((_, index) => index).toSorted((a, b) => (lines[a]! & 4095) - (lines[b]! & 4095) || a - b);
  return new PackedBlock(words, Uint32Array.from(ordered), 0);
}

function taken(packed: PackedMonths, line: number, period = PERIOD): string[] {
  const told: string[] = [];
  const takeCall = (call: KeptCall): void => void told.push(`${call.line}:${call.durationMs}`);
  packed.take({ bucket: BUCKET, no: line }, period, takeCall);
  return told;
}

describe('calls that stay packed', () => {
  it('are told of a line once, in the order of their blocks, also beside a line of the same place', () => {
    const packed = new PackedMonths();
    packed.add(BUCKET, PERIOD, blockOf(1, 2, 1, 4097, ...Array.from({ length: 40 }, () => 9)));
    packed.add(BUCKET, PERIOD, blockOf(4097, 1));
    expect(taken(packed, 1)).toEqual(['1:0', '1:2', '1:1']);
    expect(taken(packed, 1)).toEqual([]);
    expect(taken(packed, 4097)).toEqual(['4097:3', '4097:0']);
    expect(taken(packed, 3)).toEqual([]);
    expect(taken(packed, 2, PERIOD + 1)).toEqual([]);
  });

  it('are told of all lines once few of the bucket are left', () => {
    const packed = new PackedMonths();
    packed.add(BUCKET, PERIOD, blockOf(7, 8, ...Array.from({ length: 14 }, () => 9)));
    expect(taken(packed, 9).slice(14).toSorted()).toEqual(['7:0', '8:1']);
    expect(taken(packed, 7)).toEqual([]);
  });

  it('are not told of a line whose months were built from the ledger, from that period on', () => {
    const packed = new PackedMonths();
    for (const period of [PERIOD - 1, PERIOD, PERIOD + 1]) {
      packed.add(BUCKET, period, blockOf(7, 8, 8, 8, 8, 8, 8, 8, 8));
      packed.add((BUCKET + 1) % BUCKET_COUNT, period, blockOf(7));
    }
    packed.forgetLine({ bucket: BUCKET, no: 7 }, PERIOD);
    expect([PERIOD - 1, PERIOD, PERIOD + 1].map((period) => taken(packed, 7, period))).toEqual([['7:0'], [], []]);
  });

  it('are gone with their month, which says how many they were', () => {
    const packed = new PackedMonths();
    packed.add(BUCKET, PERIOD, blockOf(7, 8, 8));
    packed.add(BUCKET, PERIOD, blockOf());
    taken(packed, 7);
    expect(packed.forget({ bucket: BUCKET, period: PERIOD })).toBe(2);
    expect(packed.forget({ bucket: BUCKET, period: PERIOD })).toBe(0);
    expect(taken(packed, 8)).toEqual([]);
  });
});
