import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { type FormatSettings, readFormatSettings } from '../../../formats/index.ts';
import { takeFile } from '../../../ingest/index.ts';
import { countQuarantine } from '../../../ledger/index.ts';
import { lineOf } from '../../engine/ledger-of-lines.ts';
import { fullIllimite } from '../../rules/full-illimite-for-test.ts';
import { LedgerUnderTest } from '../../support/ledger-under-test.ts';
import { billedCalls } from '../../support/posted-ledger.ts';
import { type LedgerServer, openLedgerServer } from '../../support/ledger-server.ts';

const DECK = 'prefix,price_per_minute\n33,0.02\n';
const SETTINGS: FormatSettings = { format: 'asterisk-csv', switch: 'pbx', zone: 'UTC', trunk: ['PJSIP/op'] };
/** What was dialled keeps the outside line's 0, and nothing else names it: without a setting nobody can tell. */
const UNCLEAR = rowOf('1793690000.1', '10');

function rowOf(id: string, hour: string, seconds = 60): string {
  const times = ['00:00', '00:05', '01:05'].map((time) => `"2026-11-03 ${hour}:${time}"`).join(',');
  return (
    '"200","200","00531512345","from-internal","""Ann"" <200>","PJSIP/200-00000001","PJSIP/op-00000002","Hangup","16",' +
    `${times},"65","${seconds}","ANSWERED","DOCUMENTATION","${id}","","","${id}","1"\n`
  );
}

let server: LedgerServer;
let ledger: LedgerUnderTest;
let folder: string;
beforeAll(async () => {
  server = await openLedgerServer('postgres');
});
afterAll(() => server.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fairtally-test-'));
  ledger = await LedgerUnderTest.open(server, [fullIllimite()], DECK);
  await ledger.provision([lineOf('200', 'A1')]);
});
afterEach(() => rm(folder, { recursive: true }));

async function take(name: string, text: string, given: FormatSettings = {}): Promise<void> {
  const path = join(folder, name);
  await writeFile(path, text);
  const read = readFormatSettings({ ...SETTINGS, ...given }, (setting) => setting);
  if (read.kind === 'faults') throw new Error(read.faults.join('\n'));
  await takeFile(ledger.engine, ledger.db, { path, source: `file:${path}` }, read.options);
}

async function kept(): Promise<string[]> {
  return (await countQuarantine(ledger.db)).map(({ state, reason, records }) => `${records} ${state} ${reason}`);
}

it('a record that could not be decided waits no longer once its bytes are read with better settings, in any file', async () => {
  await take('first.csv', UNCLEAR);
  expect(await kept()).toEqual(['1 waiting unclear-number']);
  await take('second.csv', rowOf('1793690000.2', '11') + UNCLEAR, { dialPrefix: ['0='] });
  expect(await kept()).toEqual(['1 superseded unclear-number']);
  expect((await billedCalls(ledger.db)).size).toBe(2);
});

it('a record waits on where another of its id says something else, and that one is read', async () => {
  await take('first.csv', UNCLEAR);
  await take('second.csv', rowOf('1793690000.1', '10', 55), { dialPrefix: ['0='] });
  expect(await kept()).toEqual(['1 waiting unclear-number']);
});

it('what is read with worse settings later is known, and changes nothing of what is billed', async () => {
  await take('first.csv', UNCLEAR, { dialPrefix: ['0='] });
  await take('second.csv', rowOf('1793690000.2', '11') + UNCLEAR);
  // The row before it, which nobody has read with better settings.
  expect(await kept()).toEqual(['1 waiting unclear-number']);
  expect((await billedCalls(ledger.db)).size).toBe(1);
});
