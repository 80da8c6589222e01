import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { formatIds, openFormat } from '../../../formats/index.ts';
import { openRecords } from '../../../ingest/index.ts';

const MIB = 1 << 20;
const CHUNKS = 256;
const CHUNK_BYTES = 65_536;

/** What holds no record, by what it is made of: unpacked it comes in chunks that follow each other without a turn. */
const EMPTY = ['\n', '\r\n', ' \n', '\t', ',', '[', ']'] as const;
const NAMED = formatIds.filter((format) => openFormat(Buffer.alloc(0), { format }).kind === 'format');

describe('reading records', () => {
  it('has formats that need no settings to be tried', () => {
    expect(NAMED).toEqual(expect.arrayContaining(['canonical-ndjson', 'freeswitch-json', 'freeswitch-xml']));
  });

  it.each(NAMED)('of %s lets others have a turn, however many bytes hold none', async (format) => {
    for (const text of EMPTY) {
      let turns = 0;
      const reading = { isDone: false };
      const others = (async () => {
        while (!reading.isDone) {
          await nextTurn();
          turns++;
        }
      })();
      const chunk = Buffer.alloc(CHUNK_BYTES, text);
      const stream = (async function* () {
        for (let nth = 0; nth < CHUNKS; nth++) yield chunk;
      })();
      const opened = await openRecords({ stream, name: 'body' }, { format, batchSize: 2_000 });
      if (opened.kind !== 'open') throw new Error(opened.problem);
      // Records there may be, of what is no separator of the format: they are read as they come.
      for await (const batch of opened.batches) expect(batch.count).toBeGreaterThanOrEqual(0);
      reading.isDone = true;
      await others;
      expect(turns).toBeGreaterThanOrEqual((CHUNKS * CHUNK_BYTES) / MIB - 1);
    }
  });
});
