import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CommandLedger } from '../command-ledger.ts';

let ledger: CommandLedger;

beforeAll(async () => {
  ledger = await CommandLedger.open();
  const { folder } = ledger;
  const files = {
    'month/accounts.csv': 'account,name\nA1,Dupont\n',
    'month/lines.csv':
      'line,account,number,offer,usage_class,mobility,equipment,from,to\n' +
      'L1,A1,+33140000001,full-illimite,business,off,managed,2026-01-01,\n',
    'month/devices.csv': 'line,user_agent,from,to\nL1,Yealink*,2026-01-01,\n',
    'month/networks.csv': 'line,cidr,from,to\nL1,192.0.2.0/24,2026-01-01,\n',
    'calls.ndjson': ['11:10', '11:20'].map(callAt).join(''),
    'told.json':
      '{"Event-Name":"CUSTOM","Event-Subclass":"sofia::register","Event-Date-Timestamp":"1793700000000000",' +
      '"from-user":"0140000001","contact":"sip:L1@203.0.113.9","expires":"3600","network-ip":"203.0.113.9",' +
      '"user-agent":"Zoiper 5"}\n{"Event-Name":"HEARTBEAT"}\n{"line":"L1","registeredAt":"today","expires":1}\n',
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  await run('lines', 'import', 'month');
}, 120_000);
afterAll(() => ledger.close());

/** A call whose record says nothing of where it came from. */
function callAt(time: string): string {
  const answered = `2026-11-03T${time}:00+01:00`;
  const call = { v: 1, switch: 's', call: time, line: 'L1', to: '+33612345678', answered, durationMs: 61_000 };
  return `${JSON.stringify(call)}\n`;
}

function run(...args: readonly string[]) {
  return ledger.run(...args);
}

describe('a file of registrations', () => {
  it('is tried without a ledger: each record is said in words', async () => {
    const { exitCode, stdout } = await run('formats', 'try', 'told.json');
    expect(exitCode).toBe(0);
    expect(stdout.split('\n')).toEqual(
      expect.arrayContaining([
        'Read as registrations',
        "1. registration: of '0140000001' with 'Zoiper 5' from 203.0.113.9, 2026-11-03T10:00:00.000Z, for 3600 s",
        '2. no call: other-event',
        '3 records: 0 calls of 0 payers, 2 no call (1 registration), 1 to wait in quarantine',
      ]),
    );
  });

  it('has the calls that it touches judged again in the same run, and the case names the registration', async () => {
    await run('rate', 'calls.ndjson');
    const rated = await run('rate', 'told.json');
    expect(rated.stdout).toContain('Records that are no call: 1 registration, 1 other-event');
    expect(rated.stderr).not.toContain('Warning');
    const shown = await run('case', 'L1', '2026-11');
    expect(shown.stdout.replaceAll(/\s+/g, ' ')).toContain(
      "called with 'Zoiper 5' from 203.0.113.9: neither a managed device nor a network of the line, " +
        "by the line's registration of 2026-11-03 11:00:00, first on 2026-11-03 11:10:00",
    );
    // Who asks of a call is told which registration it was judged by.
    const explained = await run('explain', '11:20');
    expect(explained.stdout.replaceAll(/\s+/g, ' ')).toContain(
      "Judged by its registration of 2026-11-03 11:00:00, with 'Zoiper 5' from 203.0.113.9 Coverage metered",
    );
    const data: unknown = JSON.parse((await run('explain', '11:20', '--json')).stdout);
    const registration = { registeredAt: '2026-11-03T10:00:00.000Z', userAgent: 'Zoiper 5', sourceIp: '203.0.113.9' };
    expect(data).toMatchObject([{ registrations: [registration] }]);
    const again = await run('rate', '--again', 'told.json');
    expect(again.stdout).toContain('2 duplicates');
    expect(again.stdout).toContain('Records that are no call: 1 other-event');
  }, 240_000);
});
