import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { takeFile } from '../../../ingest/files/take-file.ts';
import type { Database } from '../../../ledger/index.ts';
import { Ledgers, Source, recordOf } from '../../engine/ledger-of-lines.ts';

const FILES = 3;
/** Lines that a switch wrote broken, and that are the beginnings of records, too. */
const BROKEN = ['{', '{"v":1,"', '{"v":1,"switch":"'];

/**
 * What happens to one of the files: the switch writes on, up to some byte, and it is rated; or a topic has its bytes.
 */
const steps = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ kind: fc.constant('grows' as const), file: fc.nat(FILES - 1), by: fc.nat(60) }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('again' as const), file: fc.nat(FILES - 1) }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('topic' as const), broken: fc.constantFrom(...BROKEN) }),
    },
  ),
  { minLength: 3, maxLength: 14 },
);
/** Each file: records of its own, and broken lines between them. */
const contents = fc.tuple(
  ...Array.from({ length: FILES }, (_, file) =>
    fc
      .array(fc.option(fc.constantFrom(...BROKEN), { nil: null }), { minLength: 2, maxLength: 5 })
      .map((lines) => lines.map((broken, line) => `${broken ?? recordOf(`f${file}-${line}`)}\n`).join('')),
  ),
);

describe('lines that are cut, and broken ones that look the same', () => {
  const ledgers = new Ledgers('postgres');
  const folder = mkdtempSync(join(tmpdir(), 'fairtally-cut-'));
  afterAll(async () => {
    await ledgers.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('each wait as long as they stand anywhere, whatever is read again, and are rated once they are whole', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(contents, steps, async (texts, taken) => {
        const { db, engine } = await ledgers.openWithSource(`kafka:${run}`);
        const topic = new Source(db, `kafka:${run++}`);
        const read = texts.map(() => 0);
        const ofTopic: string[] = [];
        const rate = (file: number, isAgain: boolean): Promise<unknown> => {
          const path = join(folder, `${run}-${file}.ndjson`);
          writeFileSync(path, texts[file]!.slice(0, read[file]));
          return takeFile(engine, db, { path, source: `file:${path}` }, { isAgain, format: 'canonical-ndjson' });
        };
        const check = async (): Promise<void> => {
          const lines = [...texts.flatMap((text, file) => text.slice(0, read[file]).split('\n')), ...ofTopic];
          expect(await waitingIn(db)).toEqual(
            [...new Set(lines.filter((line) => line !== '' && !isWhole(line)))].toSorted(),
          );
          expect(await ratedIn(db)).toBe(new Set(lines.filter(isWhole)).size);
        };
        for (const step of taken) {
          if (step.kind === 'topic') {
            ofTopic.push(step.broken);
            await topic.give(engine, step.broken);
          } else {
            if (step.kind === 'grows')
              read[step.file] = Math.min(texts[step.file]!.length, read[step.file]! + 1 + step.by * 9);
            if (read[step.file]! > 0) await rate(step.file, step.kind === 'again');
          }
          await check();
        }
        for (const [file, text] of texts.entries()) {
          read[file] = text.length;
          await rate(file, false);
        }
        await check();
      }),
      { numRuns: Number(process.env['RUNS'] ?? 12) },
    );
  }, 120_000);
});

function isWhole(line: string): boolean {
  return line.startsWith('{') && line.endsWith('}');
}

async function waitingIn(db: Database): Promise<string[]> {
  const rows = await db.query<{ record: Buffer }>(`select record from quarantine where state = 'waiting'`);
  return rows.map(({ record }) => record.toString()).toSorted();
}

async function ratedIn(db: Database): Promise<number> {
  const [row] = await db.query<{ calls: number }>('select count(*)::int as calls from entry where revision = 0');
  return row?.calls ?? 0;
}
