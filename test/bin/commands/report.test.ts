import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CommandLedger } from '../command-ledger.ts';

let ledger: CommandLedger;

/** M1 is used away from its phone in November and in December; E1 sits behind a PBX. */
const CALLS = [
  ['nov-1', 'M1', '2026-11-02T10:00:00Z', 60_000, { mobility: true }],
  ['nov-2', 'M1', '2026-11-20T10:00:00Z', 60_000, {}],
  ['dec-1', 'M1', '2026-12-02T10:00:00Z', 60_000, {}],
  ['dec-2', 'M1', '2026-12-05T10:00:00Z', 60_000, { mobility: true }],
  ['pbx-1', 'E1', '2026-11-03T10:00:00Z', 120_000, {}],
  ['pbx-2', 'E1', '2026-11-04T10:00:00Z', 60_000, {}],
  ['twice', 'E1', '2026-11-05T10:00:00Z', 60_000, {}],
  ['twice', 'E1', '2026-11-05T10:00:00Z', 61_000, {}],
  ['lost', 'L999', '2026-11-05T10:00:00Z', 60_000, {}],
] as const;

const LINES = `line,account,number,offer,usage_class,mobility,equipment,from,to
M1,A1,+33140000001,full-illimite,business,off,managed,2026-01-01,
E1,A1,+33140000002,full-illimite,business,off,customer-pbx,2026-01-01,
`;

beforeAll(async () => {
  ledger = await CommandLedger.open();
  const { folder } = ledger;
  writeFileSync(join(folder, 'accounts.csv'), 'account,name\nA1,Dupont\n');
  writeFileSync(join(folder, 'lines.csv'), LINES);
  const records = CALLS.map(([call, line, answered, durationMs, more]) =>
    JSON.stringify({ v: 1, switch: 's', call, line, to: '+33612345678', answered, durationMs, ...more }),
  );
  writeFileSync(join(folder, 'calls.ndjson'), `${records.join('\n')}\n`);
  for (const args of [
    ['lines', 'import', '.'],
    ['rate', 'calls.ndjson'],
  ]) {
    const { exitCode, stderr } = await run(...args);
    if (exitCode !== 0) throw new Error(stderr);
  }
});
afterAll(() => ledger.close());

function run(...args: readonly string[]) {
  return ledger.run(...args);
}

async function reported(period: string, line: string): Promise<unknown> {
  const { stdout } = await run('report', period, '--json');
  const data: { readonly lines: readonly { readonly line: string }[] } = JSON.parse(stdout);
  return data.lines.find((each) => each.line === line);
}

function decide(line: string, period: string, condition: string, kind: string, ...more: readonly string[]) {
  return run('decide', line, period, condition, kind, '--by', 'Ada', '--note', 'seen', ...more);
}

/** One ledger, decided on step by step. */
describe('report, explain and decide', () => {
  it('name the month whose breach holds the calls of a later one', async () => {
    expect(await reported('2026-12', 'M1')).toMatchObject({
      meteredCalls: 2,
      breaches: [{ condition: 'sip-mobility', status: 'in-force', meteredCalls: 0 }],
      heldByEarlierMonths: [
        { condition: 'sip-mobility', period: '2026-11', meteredCalls: 2, meteredCharge: '0.180000' },
      ],
    });
    expect((await run('report', '2026-12')).stdout).toContain('sip-mobility, held by the breach of 2026-11');
    expect((await run('explain', 'dec-1')).stdout).toContain('sip-mobility, broken in 2026-11');
  });

  it('have at stake what confirming would charge: what waits for a decision, not what is in force or dismissed', async () => {
    expect(await reported('2026-11', 'M1')).toMatchObject({ atStake: '0.000000', atStakeCalls: 0 });
    expect(await reported('2026-11', 'E1')).toMatchObject({
      atStake: '0.360000',
      atStakeCalls: 3,
      breaches: [{ condition: 'equipment', status: 'undecided', inForce: null }],
    });
    const confirmed = await decide('E1', '2026-11', 'equipment', 'confirm', '--at', '2026-12-01');
    expect(confirmed.stdout).toContain('charged for it 0.36 EUR (3 calls, 3 of them re-rated)');
    expect(await reported('2026-11', 'E1')).toMatchObject({ atStake: '0.000000', meteredCharge: '0.360000' });
    await decide('E1', '2026-11', 'equipment', 'dismiss', '--at', '2026-12-02');
    expect(await reported('2026-11', 'E1')).toMatchObject({ atStake: '0.000000', includedPrice: '0.360000' });
  });

  it('show every decision on a breach: what, by whom, from when, and why', async () => {
    expect(await reported('2026-11', 'E1')).toMatchObject({
      breaches: [
        {
          status: 'dismissed',
          decisions: [
            { kind: 'confirm', effectiveAt: '2026-11-30T23:00:00.000Z', by: 'Ada', note: 'seen' },
            { kind: 'dismiss', effectiveAt: '2026-12-01T23:00:00.000Z', by: 'Ada', note: 'seen' },
          ],
        },
      ],
    });
    expect((await run('report', '2026-11')).stdout).toContain(`dismiss by Ada, effective 2026-12-02: 'seen'`);
    expect((await run('explain', 'pbx-1')).stdout).toContain(
      'equipment of 2026-11: confirm by Ada, effective 2026-12-01',
    );
  });

  it('change nothing, and say so, when a month is reinstated whose breach holds nothing', async () => {
    const { exitCode, stdout } = await decide('E1', '2026-11', 'equipment', 'reinstate', '--at', '2026-11-04');
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('Nothing changed: the breach of')]);
    expect(stdout).toContain('The decision is kept: what comes to light later is judged by it');
    const report = await run('report', '2026-11');
    expect(report.stdout).toContain('equipment, dismissed');
    expect(report.stdout).toContain('reinstate by Ada, effective 2026-11-04');
  });

  it('say until when a reinstated breach is in force, who ended it, and that a later month still holds', async () => {
    const first = await decide('M1', '2026-11', 'sip-mobility', 'reinstate', '--at', '2026-11-15');
    expect(first.stdout).toContain('Calls after that are still metered: 2026-12 holds it');
    expect(first.stdout).toContain('decide M1 2026-12 sip-mobility reinstate');
    const again = await decide('M1', '2026-11', 'sip-mobility', 'reinstate', '--at', '2026-11-15');
    expect(again.stdout).toContain('Nothing changed: 2026-12 holds it');
    expect(await reported('2026-11', 'M1')).toMatchObject({
      includedCalls: 1,
      breaches: [
        {
          status: 'reinstated',
          reinstatedBy: 'Ada',
          reinstatement: { kind: 'reinstate', period: '2026-11', effectiveAt: '2026-11-14T23:00:00.000Z' },
          inForce: { from: '2026-10-31T23:00:00.000Z', to: '2026-11-14T23:00:00.000Z' },
          meteredCalls: 1,
        },
      ],
    });
    expect((await run('report', '2026-11')).stdout).toContain('in force until 2026-11-15, reinstated by Ada');
    expect((await run('explain', 'nov-1')).stdout.replaceAll(/\s+/g, ' ')).toContain('reinstated by Ada');
    expect((await run('explain', 'nov-2')).stdout).toContain('reinstate by Ada, effective 2026-11-15');
  });

  it('show when a decision was taken apart from when it takes effect', async () => {
    const before = Date.now();
    await decide('E1', '2026-11', 'equipment', 'dismiss', '--at', '2026-11-05');
    const after = Date.now();
    const line = (await reported('2026-11', 'E1')) as {
      breaches: { decisions: { effectiveAt: string; decidedAt: string }[] }[];
    };
    const last = line.breaches[0]?.decisions.at(-1);
    expect(last?.effectiveAt).toBe('2026-11-04T23:00:00.000Z');
    const decidedAt = Date.parse(last?.decidedAt ?? '');
    expect([before <= decidedAt, decidedAt <= after]).toEqual([true, true]);
    const text = /dismiss by Ada, effective 2026-11-05: 'seen' \(decided on \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\)/;
    expect((await run('report', '2026-11')).stdout.replaceAll(/\s+/g, ' ')).toMatch(text);
    expect((await run('explain', 'pbx-1')).stdout.replaceAll(/\s+/g, ' ')).toMatch(text);
    const { stdout } = await run('explain', 'pbx-1', '--json');
    expect(JSON.parse(stdout)[0].decisions.at(-1)).toMatchObject({ kind: 'dismiss', decidedAt: last?.decidedAt });
  });

  it.each([
    ['confirm', '2020-01-01', 'the breach is of 2026-11, which begins at 2026-11-01 00:00:00'],
    ['reinstate', '2026-10-31', 'the breach is of 2026-11, which begins at 2026-11-01 00:00:00'],
    ['reinstate', '2040-01-01', 'that is more than a year ahead'],
    ['reinstate', '9999-12-31', 'it is no day or instant'],
    ['dismiss', 'tomorrow', 'it is no day or instant'],
  ])('refuse to %s with effect from %s, with a sentence', async (kind, instant, why) => {
    const { exitCode, stderr } = await decide('E1', '2026-11', 'equipment', kind, '--at', instant);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(why)]);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it('tell where a call waits, or another record of it', async () => {
    const lost = await run('explain', 'lost');
    expect(lost.exitCode).toBe(0);
    expect(lost.stdout).toContain('unknown-line: no such line');
    const [, no = ''] = /quarantine show (\d+)/.exec(lost.stdout) ?? [];
    expect((await run('quarantine', 'show', no)).stdout).toContain('"call":"lost"');
    const { stdout } = await run('explain', 'twice');
    expect(stdout).toContain('conflict: another record of the same call');
    expect(stdout).toMatch(/quarantine show \d+/);
  });

  it('list what waits uncut, line and number first, and refuse a reason that there is not', async () => {
    const { stdout } = await run('quarantine', '--reason', 'conflict');
    expect(stdout).toMatch(/^ +no +line +number +what is wrong/);
    expect(stdout).toMatch(/ E1 +\+33612345678 +Cannot bill call 'twice' twice: another record of it says otherwise/);
    expect(stdout).not.toContain('…');
    const wrong = await run('quarantine', '--reason', 'foo');
    expect([wrong.exitCode, wrong.stderr]).toEqual([2, expect.stringContaining('unknown-line')]);
  });

  it('say that a month has no calls', async () => {
    expect((await run('report', '2026-09')).stdout).toContain('No calls in 2026-09');
  });
});
