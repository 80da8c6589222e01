import { existsSync, globSync, readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { runCommand } from '../bin/run-command.ts';
import { FIXTURES } from './read-fixture.ts';

const FORMS = `${FIXTURES}/sample-forms`;
const page = readFileSync(new URL('../../docs/reference/sample-outcomes.md', import.meta.url), 'utf8');

interface Listed {
  readonly file: string;
  readonly settings: readonly string[];
  /** What the page says of each record in its order, or of a refused file in one row. */
  readonly rows: readonly string[];
}

function section(heading: string): string {
  const found = page.split(/^## /m).find((part) => part.startsWith(`${heading}\n`));
  if (found === undefined) throw new Error(`Cannot find section '${heading}' in docs/reference/sample-outcomes.md`);
  return found;
}

/** Fixtures as the page lists them: a heading with file, format and settings, and a numbered row a record. */
const listed: readonly Listed[] = section('Our own records in the same forms')
  .split(/^### /m)
  .slice(1)
  .map((part) => {
    const [, file, format, told = ''] = /^`([^`]+)` \(`([^`]+)`(?:; `([^`]+)`)?\)\n/.exec(part) ?? [];
    if (file === undefined || format === undefined) throw new Error(`Cannot read heading '${part.split('\n')[0]}'`);
    const rows = part
      .split('\n\n')
      .slice(1)
      .join('\n')
      .trim()
      .split(/\n(?=\d+\. )/);
    const named = format === 'refused' ? [] : ['--format', format];
    return { file, settings: [...named, ...told.split(' ').filter((word) => word !== '')], rows };
  });

/** `--json` of a record, as far as the page's rows say it. */
interface Tried {
  readonly no: number;
  readonly outcome: string;
  readonly reason?: string;
  readonly payer?: string;
  readonly number?: string;
  readonly durationMs?: number;
}

function row(record: Tried): string {
  if (record.outcome === 'not-a-call') return `${record.no}. no call, \`${record.reason}\``;
  if (record.outcome !== 'call') return `${record.no}. waits, \`${record.reason}\``;
  return `${record.no}. ${record.payer} pays for ${Number(record.durationMs) / 1000} s to ${record.number}`;
}

async function outcomes({ file, settings }: Listed): Promise<readonly string[]> {
  const args = ['formats', 'try', `${FORMS}/${file}`, '--switch', 'sw', '--json', ...settings];
  const { stdout, stderr } = await runCommand(FORMS, args);
  if (stdout === '') return [/it (looks like [^']+)/.exec(stderr)?.[1]?.trim() ?? stderr];
  return (JSON.parse(stdout) as { records: Tried[] }).records.map(row);
}

describe('docs/reference/sample-outcomes.md', () => {
  it.each(listed.map((one) => [one.file, one] as const))(
    '%s: each record comes to what the page says',
    async (_, one) => {
      expect(await outcomes(one)).toEqual(one.rows);
    },
  );

  test('lists every fixture, and each with what is detected', () => {
    const files = globSync('**/*.*', { cwd: FORMS });
    expect(listed.map(({ file }) => file).toSorted()).toEqual(files.toSorted());
  });

  test('has a fixture of the same form for each sample that it tells record by record', () => {
    const samples = [...section('Record by record').matchAll(/^- `([^`]+)` \(`([^`]+)`/gm)];
    expect(samples.length).toBeGreaterThan(20);
    for (const [, file = '', format = ''] of samples) {
      expect([file, existsSync(`${FORMS}/${file}`)]).toEqual([file, true]);
      expect([file, listed.find((one) => one.file === file)?.settings[1]]).toEqual([file, format]);
    }
  });
});
