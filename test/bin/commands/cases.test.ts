import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CommandLedger } from '../command-ledger.ts';
import { writeSmallMonth } from '../small-month.ts';

let ledger: CommandLedger;

beforeAll(async () => {
  ledger = await CommandLedger.open();
  const month = writeSmallMonth(join(ledger.folder, 'month'));
  await run('lines', 'import', 'month');
  await run('rate', month.calls);
}, 120_000);
afterAll(() => ledger.close());

function run(...args: readonly string[]) {
  return ledger.run(...args);
}

async function data(...args: readonly string[]): Promise<unknown> {
  const { stdout, stderr } = await run(...args, '--json');
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout);
}

describe('fairtally cases, case and decide --dry-run', () => {
  it('list open cases, show one, say what a decision would change, and then do just that', async () => {
    const page = await data('cases', '--condition', 'distinct-numbers');
    expect(page).toMatchObject({ v: 1, currency: 'EUR', next: null, cases: [{ line: 'L900', state: 'open' }] });
    const listed = (await run('cases', '--line', 'L900')).stdout;
    expect(listed).toContain('case L900 2026-11');
    expect(listed.split('\n')[1]).toMatch(/at stake +calls +charged +since/);
    const shown = await data('case', 'L900', '2026-11');
    expect(shown).toMatchObject({
      limits: [{ condition: 'distinct-numbers', most: 150, crossing: { startedAt: expect.any(String) } }],
      summary: {
        line: 'L900',
        breaches: [
          { condition: 'conversational-use', status: 'undecided' },
          { condition: 'distinct-numbers', status: 'in-force' },
        ],
      },
      history: {
        verdicts: [
          { condition: 'conversational-use', event: 'breach-found' },
          { condition: 'distinct-numbers', event: 'breach-found' },
        ],
      },
    });
    const text = (await run('case', 'L900', '2026-11')).stdout;
    for (const part of ['more than 150', 'What a decision would change', 'Calls by hour', 'Devices', 'History']) {
      expect(text).toContain(part);
    }
    const dismiss = ['decide', 'L900', '2026-11', 'distinct-numbers', 'dismiss'];
    const dry = await data(...dismiss, '--dry-run');
    expect(dry).toMatchObject({ isKept: false, effect: { calls: 151, changes: [{ before: 'metered' }] } });
    expect((await run(...dismiss, '--dry-run')).stdout).toMatch(/^Not decided.*\nIt would change 151 calls/);
    expect(await data('case', 'L900', '2026-11')).toEqual(shown);
    const done = await data(...dismiss, '--by', 'Ada', '--note', 'a call centre, agreed');
    expect(done).toMatchObject({ isKept: true, effect: (dry as { effect: unknown }).effect });
    const left = await data('cases', '--line', 'L900');
    expect(left).toMatchObject({ cases: [{ state: 'open', atStakeCalls: 151 }] });
    await run('decide', 'L900', '2026-11', 'conversational-use', 'dismiss', '--by', 'Ada', '--note', 'the same');
    expect(await data('cases', '--line', 'L900')).toMatchObject({ cases: [] });
    const decided = await data('cases', '--line', 'L900', '--state', 'all');
    expect(decided).toMatchObject({ cases: [{ state: 'decided', atStakeCalls: 0 }] });
    expect((await run('case', 'L900', '2026-11')).stdout).toContain(`'a call centre, agreed'`);
  }, 120_000);

  it.each([
    [['cases', '--state', 'shut'], 2, 'it is none of open, decided, withdrawn, all'],
    [['cases', '--period', 'may', '--min-money', 'x'], 2, `Cannot use amount 'x'`],
    [['cases', '--limit', '1001'], 2, 'from 1 to 1000'],
    [['cases', '--after', 'x'], 2, `Cannot go on after 'x'`],
    [['cases', '--condition', 'x'], 2, `Cannot use condition 'x'`],
    [['cases', '--line', 'L999'], 1, `Cannot use line 'L999'`],
    [['cases', '--account', 'A999'], 1, `Cannot use account 'A999'`],
    [['case', 'L001', '2026-11'], 1, `Cannot show a case of line 'L001' in 2026-11`],
    [['case', 'L999', '2026-11'], 1, `Cannot use line 'L999'`],
    [['case', 'L900', '2026-11', '--numbers', '-'], 2, `Cannot show '-' of the numbers called`],
    [['decide', 'L900', '2026-11', 'distinct-numbers', 'dismiss'], 2, 'it is not said who decides'],
    [['decide', 'L900', '2026-11', 'distinct-numbers', 'dismiss', '--by', 'A'], 2, 'it is not said why'],
    [['decide', 'L001', '2026-11', 'equipment', 'confirm', '--dry-run'], 1, 'it is not broken there'],
  ])('refuse %j from the table of refusals', async (args, code, sentence) => {
    const { exitCode, stderr } = await run(...args);
    expect([exitCode, stderr]).toEqual([code, expect.stringContaining(sentence)]);
  });
});
