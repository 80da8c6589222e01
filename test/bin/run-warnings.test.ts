import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { CommandLedger } from './command-ledger.ts';
import { record, writeSmallMonth } from './small-month.ts';

let provisioned: CommandLedger;
let ledger: CommandLedger;

beforeAll(async () => {
  provisioned = await CommandLedger.open();
  writeSmallMonth(join(provisioned.folder, 'month'));
  const { exitCode, stderr } = await provisioned.run('lines', 'import', 'month');
  if (exitCode !== 0) throw new Error(stderr);
});
afterAll(() => provisioned.close());

function run(...args: string[]) {
  return ledger.run(...args);
}

function write(name: string, lines: readonly string[]): string {
  writeFileSync(join(ledger.folder, name), `${lines.join('\n')}\n`);
  return name;
}

const known = (call: string): string =>
  record({ call, line: 'L001', to: '+33145000000', minute: 9, durationMs: 60_000 });
const unknown = (call: string): string =>
  record({ call, line: 'L999', to: '+33145000000', minute: 9, durationMs: 60_000 });

/** A row of Master.csv: an answered leg from a subscriber's phone towards `trunk`. */
function asteriskRow(no: number, trunk: string): string {
  const times = ['2026-11-03 10:15:00', '2026-11-03 10:15:05', '2026-11-03 10:16:05'];
  const channels = [`PJSIP/L001-0000000${no}`, `PJSIP/${trunk}-0000001${no}`];
  const fields = ['L001', '101', '0612345678', 'out', '"A" <101>', ...channels, 'Dial', `PJSIP/0612345678@${trunk}`];
  const rest = [...times, '65', '60', 'ANSWERED', 'DOCUMENTATION', `17936972${no}0.${no}`];
  return [...fields, ...rest].map((field) => `"${field.replaceAll('"', '""')}"`).join(',');
}

const ASTERISK = ['--format', 'asterisk-csv', '--switch', 'pbx', '--zone', 'Europe/Paris'];

describe('fairtally rate warns, and with --strict ends with 1,', () => {
  beforeEach(async () => {
    ledger = await provisioned.copy();
  });
  afterEach(() => ledger.close());

  test('when every record went to quarantine', async () => {
    const file = write('calls.ndjson', [unknown('a'), unknown('b'), 'no record']);
    const { exitCode, stderr } = await run('rate', file);
    expect([exitCode, stderr]).toEqual([
      0,
      expect.stringContaining(
        'Warning: not one of 3 records was rated: 3 went to quarantine (npx fairtally quarantine)',
      ),
    ]);
    const replayed = await run('quarantine', 'replay');
    expect(replayed).toMatchObject({ exitCode: 0, stderr: 'Warning: not one of 2 records could be rated\n' });
    expect((await run('quarantine', 'replay', '--strict')).exitCode).toBe(1);
    expect((await run('rate', '--strict', write('more.ndjson', [unknown('c')]))).exitCode).toBe(1);
    // Nothing new is no reason to warn.
    expect((await run('rate', '--strict', 'more.ndjson')).exitCode).toBe(0);
  });

  test('when a named trunk fits no record, of several or the only one', async () => {
    const file = write('Master.csv', [asteriskRow(1, 'carrier-a'), asteriskRow(2, 'carrier-a')]);
    const trunks = ['--trunk', 'PJSIP/carrier-*', '--trunk', 'PJSIP/carier-b'];
    const { exitCode, stderr, stdout } = await run('rate', file, ...ASTERISK, ...trunks);
    expect([exitCode, stderr]).toEqual([
      0,
      expect.stringContaining("Warning: --trunk 'PJSIP/carier-b' fits no record"),
    ]);
    expect(stderr).not.toContain("'PJSIP/carrier-*'");
    expect(stdout).toContain('2 rated');
    const only = await run('rate', '--again', file, ...ASTERISK, '--trunk', 'PJSIP/carier-*', '--strict');
    expect(only.exitCode).toBe(1);
    expect(only.stderr).toContain("Warning: --trunk 'PJSIP/carier-*' fits no record");
    expect(only.stderr).toContain(
      'Warning: not one of 2 records is a call, though many may have been answered (2 internal)',
    );
  });

  test('when a named gateway or profile fits no record', async () => {
    const leg = {
      'Event-Name': 'CHANNEL_HANGUP_COMPLETE',
      'FreeSWITCH-Switchname': 'fs',
      'Unique-ID': 'leg',
      'Call-Direction': 'outbound',
      variable_sip_gateway_name: 'carrier',
      variable_accountcode: 'L001',
      variable_sip_req_user: '0612345678',
      variable_answer_uepoch: '1793697290000000',
      variable_end_uepoch: '1793697351000000',
      variable_billusec: '61000000',
    };
    const file = write('events.json', [JSON.stringify(leg)]);
    const options = ['--format', 'freeswitch-event', '--gateway', 'carier', '--profile', 'external'];
    const { exitCode, stderr } = await run('rate', file, ...options, '--strict');
    expect(exitCode).toBe(1);
    expect(stderr).toContain("Warning: --gateway 'carier' fits no record");
    expect(stderr).toContain("Warning: --profile 'external' fits no record");
    const right = await run(
      'rate',
      '--again',
      file,
      '--format',
      'freeswitch-event',
      '--gateway',
      'carrier',
      '--strict',
    );
    expect([right.exitCode, right.stderr]).toEqual([0, expect.not.stringContaining('Warning')]);
  });

  test('and not when a name fits in one of several files, or when calls are rated beside what waits', async () => {
    const files = [write('one.csv', [asteriskRow(1, 'a')]), write('two.csv', [asteriskRow(2, 'b')])];
    const both = await run('rate', ...files, ...ASTERISK, '--trunk', 'PJSIP/a', '--trunk', 'PJSIP/b', '--strict');
    expect([both.exitCode, both.stderr]).toEqual([0, expect.not.stringContaining('Warning')]);
    const mixed = await run('rate', write('mixed.ndjson', [known('x'), unknown('y')]), '--strict');
    expect([mixed.exitCode, mixed.stderr]).toEqual([0, expect.not.stringContaining('Warning')]);
    const unanswered = { v: 1, switch: 's', call: 'u', line: 'L001', to: '1', answered: null, durationMs: 0 };
    const attempts = await run('rate', write('attempts.ndjson', [JSON.stringify(unanswered)]), '--strict');
    expect([attempts.exitCode, attempts.stderr]).toEqual([0, expect.not.stringContaining('Warning')]);
  });
});

describe('options that are no value are refused by name, without a stack trace', () => {
  beforeAll(() => void (ledger = provisioned));

  test.each([
    ['setup', '--months', '2026-13'],
    ['setup', '--months', '2026-01..'],
    ['setup', '--months', '2026-12..2026-01'],
    ['setup', '--months', '2000-01..2060-12'],
    ['setup', '--months', '9999-01'],
    ['rate', '--starts-from', '9999-12-31', 'x'],
    ['rate', '--starts-from', '2026-12-01', '--starts-to', '2026-11-01', 'x'],
    ['quarantine', 'replay', '--starts-before-days', '-1'],
    ['quarantine', 'replay', '--starts-after-days', '1e3'],
    ['quarantine', 'replay', '--topic', 'cdr,starts-after-days=x'],
    ['quarantine', 'accept', '0', '--by', 'x', '--note', 'y'],
    ['quarantine', 'accept', '1', '--by', ' ', '--note', 'y'],
    ['quarantine', 'write-off', '0', '--by', 'x', '--note', 'y'],
    ['quarantine', 'reopen', '1', '--by', 'x', '--note', ' '],
    ['quarantine', 'sweep', '9999-12'],
    ['report', '0000-01'],
    ['decide', 'L001', '2026-11', 'equipment', 'reinstate', '--by', 'x', '--note', 'y', '--at', '9999-12-31'],
    [
      'decide',
      'L001',
      '2026-11',
      'equipment',
      'reinstate',
      '--by',
      'x',
      '--note',
      'y',
      '--at',
      '2026-11-01T00:00+14:01',
    ],
  ])('fairtally %s %s %s', async (...args) => {
    const { exitCode, stderr } = await run(...args);
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/^Cannot .+'/m)]);
  });
});
