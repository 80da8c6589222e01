import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable, Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { runPrice } from '../../../bin/commands/price.ts';

const FIXTURES = new URL('../../fixtures/conformance/', import.meta.url);

class Collector extends Writable {
  text = '';
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

async function run(deckPath: string, input: Readable): Promise<{ exitCode: number; lines: string[]; report: string }> {
  const output = new Collector();
  const report = new Collector();
  const exitCode = await runPrice({ deckPath }, input, output, report);
  return { exitCode, lines: output.text.split('\n').slice(0, -1), report: report.text };
}

async function deckFile(text: string): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), 'price-')), 'deck.csv');
  await writeFile(path, text);
  return path;
}

const HEAD = 'call_id,called_number,answer_time_utc,duration_s';
const PREFIX_DECK = 'destination,prefix,price_per_minute\nBE,32,0.12\n"BE, mobile",3249,0.24\n';

describe('runPrice()', () => {
  it('prices bare international digits by prefix, and gives a bad row its reason without stopping', async () => {
    const rows = [
      'a,3221234567,2026-11-03T10:15:00Z,60',
      'b,+32495123456,2026-11-03T10:15:00+01:00,60.001',
      'c,3221234567,2026-11-03T10:15:00Z,0',
      'd,4121234567,2026-11-03T10:15:00Z,60',
      'e,abc,2026-11-03T10:15:00Z,60',
      'f,3221234567,03/11/2026,60',
      'g,3221234567,2026-11-03T10:15:00Z,-1',
      'h,3221234567,2026-11-03T10:15:00Z,"1,5"',
      'i,3221234567,2026-11-03T10:15:00Z',
      '"j,3221234567,2026-11-03T10:15:00Z,60',
      '"k,""1""",3221234567,2026-11-03T10:15:00,61',
      '',
      'l,3221234567,2026-11-03T10:15:00Z,99999999',
    ];
    const result = await run(await deckFile(PREFIX_DECK), Readable.from([`${HEAD}\r\n${rows.join('\r\n')}`]));
    expect(result).toEqual({
      exitCode: 0,
      report: '',
      lines: [
        'call_id,charge,matched_prefix,destination,error',
        'a,0.120000,32,BE,',
        'b,0.480000,3249,"BE, mobile",',
        'c,0.000000,32,BE,',
        'd,,,,no-rate',
        'e,,,,bad-number',
        'f,,,,bad-answer-time',
        'g,,,,bad-duration',
        'h,,,,bad-duration',
        'i,,,,wrong-cell-count',
        ',,,,malformed-row',
        '"k,""1""",0.240000,32,BE,',
        'l,,,,bad-duration',
      ],
    });
  });

  it('finds its columns in any order, among others, in chunks that cut lines and letters', async () => {
    const text =
      '\uFEFFduration_s,note,answer_time_utc,call_id,called_number\n60,x,2026-11-03T10:15:00Z,é1,3221234567\n';
    const bytes = Buffer.from(text);
    const chunks = Array.from(bytes, (_, index) => bytes.subarray(index, index + 1));
    const result = await run(await deckFile(PREFIX_DECK), Readable.from(chunks));
    expect(result.lines.slice(1)).toEqual(['é1,0.120000,32,BE,']);
  });

  it('classifies the called number when the deck prices destinations', async () => {
    const path = await deckFile(
      'destination,short_code,prefix,price_per_minute\nBelgique,,,0.12\nrenseignements 118,,,1\n,118218,,2\n,,3249,0.5\n',
    );
    const rows = [
      'a,003221234567,2026-11-03T10:15:00Z,60',
      'b,118712,2026-11-03T10:15:00Z,60',
      'c,118218,2026-11-03T10:15:00Z,60',
      'd,+32 495 12 34 56,2026-11-03T10:15:00Z,60',
      'e,0140000000,2026-11-03T10:15:00Z,60',
      'f,*98,2026-11-03T10:15:00Z,60',
    ];
    const result = await run(path, Readable.from([[HEAD, ...rows].join('\n')]));
    expect(result.lines.slice(1, 6)).toEqual([
      'a,0.120000,,Belgique,',
      'b,1.000000,,renseignements 118,',
      'c,2.000000,,renseignements 118,',
      'd,0.500000,3249,Belgique,',
      'e,,,,no-rate',
    ]);
    expect(result.lines[6]).toMatch(/^f,,,,[a-z-]+$/);
  });

  it('refuses a faulty deck with every fault, and a header without its columns', async () => {
    const faulty = await run(await deckFile('prefix,price_per_minute\n32,"0,1"\n033,1\n'), Readable.from([HEAD]));
    expect(faulty.exitCode).toBe(1);
    expect(faulty.lines).toEqual([]);
    expect(faulty.report.split('\n').map((line) => /line \d, \w+/.exec(line)?.[0])).toEqual([
      'line 2, price_per_minute',
      'line 3, prefix',
      undefined,
    ]);
    const headless = await run(await deckFile(PREFIX_DECK), Readable.from(['a,b\n1,2\n']));
    expect([headless.exitCode, headless.lines]).toEqual([1, []]);
    expect(headless.report).toContain("the header 'a,b' lacks");
  });

  it('streams: rows come out while the input is still open', async () => {
    const input = new PassThrough();
    const output = new Collector();
    const done = runPrice({ deckPath: await deckFile(PREFIX_DECK) }, input, output, new Collector());
    input.write(`${HEAD}\na,3221234567,2026-11-03T10:15:00Z,60\n`);
    while (!output.text.includes('a,0.12')) await new Promise((resolve) => setTimeout(resolve, 5));
    input.end();
    expect(await done).toBe(0);
  });

  it('prices the conformance calls as their columns say', async () => {
    const sets = [
      ['deck.csv', 'deck-costs.csv', 1230],
      ['time-of-day-deck.csv', 'time-of-day.csv', 1069],
      ['effective-dating-deck.csv', 'effective-dating.csv', 248],
    ] as const;
    for (const [deck, calls, priced] of sets) {
      const text = await readFile(new URL(calls, FIXTURES), 'utf8');
      const result = await run(new URL(deck, FIXTURES).pathname, Readable.from([text]));
      expect(result.lines).toHaveLength(text.trim().split('\n').length);
      expect(result.lines.filter((line) => line.endsWith(','))).toHaveLength(priced);
      expect(result.lines.slice(1).filter((line) => !line.endsWith(',') && !line.endsWith('no-rate'))).toEqual([]);
    }
  });
});
