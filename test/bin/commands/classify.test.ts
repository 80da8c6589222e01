import { Readable, Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { runClassify } from '../../../bin/commands/classify.ts';

/** What `runClassify` writes for these chunks, one parsed object a line. */
async function classifyChunks(chunks: readonly (string | Uint8Array)[]): Promise<readonly unknown[]> {
  const text = await writtenFor(chunks);
  expect(text === '' || text.endsWith('\n')).toBe(true);
  return text
    .split('\n')
    .slice(0, -1)
    .map((line): unknown => JSON.parse(line));
}

async function writtenFor(chunks: Iterable<string | Uint8Array>): Promise<string> {
  const written: string[] = [];
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      written.push(chunk.toString('utf8'));
      setImmediate(done);
    },
  });
  await runClassify(Readable.from(chunks, { objectMode: false }), output);
  return written.join('');
}

const MOBILE = { e164: '+33612345678', destination: 'national-mobile', class: 'national-mobile', included: true };

describe('fairtally classify', () => {
  test('writes one object a line, its fields in a fixed order', async () => {
    expect(await writtenFor(['0612345678\n3949\n+12425550123\nanonymous\n0809123456\n'])).toBe(
      [
        '{"dialled":"0612345678","e164":"+33612345678","destination":"national-mobile","class":"national-mobile","included":true}',
        '{"dialled":"3949","shortCode":"3949","destination":"numéro court généraliste","class":"special-rate","included":false}',
        '{"dialled":"+12425550123","e164":"+12425550123","destination":"Bahamas","class":"international","included":false}',
        '{"dialled":"anonymous","refusal":"not-a-number","destination":null,"class":null,"included":false}',
        '{"dialled":"0809123456","e164":"+33809123456","destination":"SVA banalisé","class":"national-fixed","included":true}',
        '',
      ].join('\n'),
    );
  });

  test('counts free numbers and the named destinations as included', async () => {
    const answers = await classifyChunks(['15\n0805123456\n+8613912345678\n+447400123456\n']);
    expect(answers).toMatchObject([{ included: true }, { included: true }, { included: true }, { included: false }]);
  });

  test('reads CRLF, blank lines, a byte order mark and a last line without end', async () => {
    expect(await classifyChunks(['\ufeff0612345678\r\n\r\n', '06123', '45678'])).toEqual([
      { dialled: '0612345678', ...MOBILE },
      { dialled: '', refusal: 'empty-number', destination: null, class: null, included: false },
      { dialled: '0612345678', ...MOBILE },
    ]);
    expect(await classifyChunks([])).toEqual([]);
  });

  test('joins characters that are cut between chunks', async () => {
    const bytes = Buffer.from('06\u00a012345678\n');
    expect(await classifyChunks([bytes.subarray(0, 3), bytes.subarray(3)])).toEqual([
      { dialled: '06\u00a012345678', ...MOBILE },
    ]);
  });

  test('refuses bytes that are no UTF-8, and lines without end, and goes on', async () => {
    const endless = Buffer.alloc(5_000_000, 0x31);
    const answers = await classifyChunks([
      Buffer.from([0x30, 0xff, 0x31, 10]),
      endless,
      '\n0612345678\n',
      Buffer.from([0xc3]),
    ]);
    expect(answers).toEqual([
      expect.objectContaining({ dialled: '0\ufffd1', refusal: 'not-a-number' }),
      expect.objectContaining({ dialled: '1'.repeat(1024), refusal: 'wrong-length' }),
      { dialled: '0612345678', ...MOBILE },
      expect.objectContaining({ dialled: '\ufffd', refusal: 'not-a-number' }),
    ]);
  });

  test('waits for a slow reader, and loses nothing', async () => {
    const chunk = '0612345678\n'.repeat(1000);
    const text = await writtenFor(Array.from({ length: 30 }, () => chunk));
    expect(text.split('\n')).toHaveLength(30_001);
  });

  test('ends quietly when the reader hangs up', async () => {
    const output = new Writable({
      write(_chunk, _encoding, done) {
        done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
      },
    });
    await expect(runClassify(Readable.from(['15\n15\n']), output)).resolves.toBeUndefined();
  });

  test('reports any other failure of its streams', async () => {
    const input = new Readable({
      read() {
        this.destroy(new Error('disk on fire'));
      },
    });
    await expect(runClassify(input, new Writable())).rejects.toThrow('disk on fire');
  });
});
