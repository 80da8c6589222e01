import { Readable } from 'node:stream';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tallyOfBatch } from '../../../ingest/files/byte-tally.ts';
import type { FormatOptions } from '../../../formats/open-format.ts';
import { openRecords, type RecordBatch } from '../../../ingest/files/record-reader.ts';

async function batchesOf(text: string, options: FormatOptions & { batchSize?: number }): Promise<RecordBatch[]> {
  const opened = await openRecords({ stream: Readable.from([Buffer.from(text)]), name: 'test' }, options);
  if (opened.kind === 'unusable') throw new Error(opened.problem);
  const batches: RecordBatch[] = [];
  for await (const batch of opened.batches) batches.push(batch);
  return batches;
}

/** What is left unexplained of a file up to the end of its last batch. */
async function holeOf(text: string, options: FormatOptions & { batchSize?: number }): Promise<number> {
  let [from, explained] = [0, 0];
  for (const batch of await batchesOf(text, options)) {
    const { taken, empty } = tallyOfBatch(batch, from);
    explained += taken + empty;
    from = batch.nextPosition;
  }
  return from - explained;
}

const HEADER = 'v,switch,call,line,to,answered,durationMs\n';

describe('tallyOfBatch()', () => {
  it.each([
    ['lines with all kinds of ends and blank ones between', 'canonical-ndjson', '{}\n\n{"a":1}\r\n  \n\t{}\n{}'],
    ['lines after a mark of their encoding', 'canonical-ndjson', '\uFEFF{}\n{}\n'],
    ['rows after a header', 'canonical-csv', `${HEADER}1,a\n1,b\n\n1,c`],
    ['documents in an array', 'freeswitch-json', '[ {"a":\n1} , {"b":[2,{}]},\n{"c":3} ]\n'],
    ['documents with stray bytes between', 'freeswitch-json', '{"a":1}\nstray\n{"b":2}\n'],
    ['an endless line, cut', 'canonical-ndjson', `{}\n${'x'.repeat(3_000_000)}\n{}\n`],
  ] as const)('explains every byte of %s', async (_, format, text) => {
    for (const batchSize of [1, 2, 10]) expect(await holeOf(text, { format, batchSize })).toBe(0);
  });

  it('explains every byte of whatever lines there are', async () => {
    const line = fc.string({ unit: fc.constantFrom('a', '{', ' ', '\t', ',', '\r', 'é') });
    await fc.assert(
      fc.asyncProperty(fc.array(line), fc.integer({ min: 1, max: 4 }), async (lines, batchSize) => {
        expect(await holeOf(lines.join('\n'), { format: 'canonical-ndjson', batchSize })).toBe(0);
      }),
    );
  });

  it('does not explain bytes that were passed between batches, nor those of a record that was left out', async () => {
    const [first, second] = await batchesOf('{"a":1}\n{"b":2}\n{"c":3}\n', {
      format: 'canonical-ndjson',
      batchSize: 1,
    });
    const { taken, empty } = tallyOfBatch(second!, first!.nextPosition - 3);
    expect(second!.nextPosition - (first!.nextPosition - 3) - taken - empty).toBe(3);
    const without = { ...first!, count: 0 };
    expect(tallyOfBatch(without, 0)).toEqual({ taken: 0, empty: 1 });
  });
});
