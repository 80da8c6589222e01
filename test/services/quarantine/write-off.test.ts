import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  checkWriteOff,
  listQuarantine,
  type ListedRecord,
  type QuarantineRequest,
  reopenRecords,
  replayQuarantine,
  showRecord,
  writeOffRecords,
} from '../../../services/index.ts';
import { BARBADOS, call, lineOf, PARIS, smallLedger, type SmallLedger } from '../small-ledger.ts';
import { DATABASE_KINDS } from '../../support/test-database.ts';
import { type LedgerServer, openLedgerServer } from '../../support/ledger-server.ts';

const START = '2026-11-03T10:00:00Z';
const WHO = { by: 'Ada', note: 'a test of the switch' };
const BROKEN = '{"v":1,';

describe.each(DATABASE_KINDS)('records of quarantine that are written off, on %s', (kind) => {
  let server: LedgerServer;
  let small: SmallLedger;
  let broken = '';
  let lost = '';
  beforeAll(async () => {
    server = await openLedgerServer(kind);
    small = await smallLedger(server);
    await small.ledger.deliver([call('a', PARIS, START, 'L7'), BROKEN, call('b', PARIS)]);
    [broken, lost] = [await noOf('not-json'), await noOf('unknown-line')];
  });
  afterAll(() => server.close());

  const listed = async (request: QuarantineRequest): Promise<readonly ListedRecord[]> => {
    const list = await listQuarantine(small.access, request);
    if (list.kind === 'refused') throw new Error(list.code);
    return list.records;
  };
  const noOf = async (reason: string): Promise<string> => String((await listed({ reason }))[0]?.no);
  const stateOf = async (no: string): Promise<string> => {
    const shown = await showRecord(small.access, no);
    return shown.kind === 'record' ? shown.state : shown.code;
  };

  it('wait no longer, stay as they came, and are told apart with who and why', async () => {
    const all = await writeOffRecords(small.access, { records: [broken, '99'], ...WHO });
    expect(all).toMatchObject({ code: 'record-not-waiting', values: { record: '99' } });
    expect(await stateOf(broken)).toBe('waiting');
    expect(await writeOffRecords(small.access, { records: [broken, lost, broken], ...WHO })).toEqual({
      kind: 'written-off',
      records: 2,
    });
    expect(await listed({})).toEqual([]);
    const [first, second] = await listed({ state: 'written-off' });
    expect([first, second].map((each) => String(each?.no)).toSorted()).toEqual([broken, lost].toSorted());
    expect(await listed({ state: 'written-off', reason: 'not-json' })).toMatchObject([
      { record: Buffer.from(BROKEN), writeOffs: [{ act: 'written-off', ...WHO }] },
    ]);
    const { counts } = (await listQuarantine(small.access, { countsOnly: true })) as { counts: unknown };
    expect(counts).toEqual([
      { reason: 'not-json', state: 'written-off', records: 1 },
      { reason: 'unknown-line', state: 'written-off', records: 1 },
    ]);
    const twice = await writeOffRecords(small.access, { records: [broken], ...WHO });
    expect(twice).toMatchObject({ code: 'record-not-waiting' });
  });

  it('are rated neither by a replay nor by facts that would mend them, and hinder no other record', async () => {
    await small.ledger.provision([lineOf('L7')]);
    expect(await replayQuarantine(small.access, {})).toMatchObject({ tried: 0, rated: 0 });
    expect(await replayQuarantine(small.access, { reason: 'unknown-line' })).toMatchObject({ tried: 0, rated: 0 });
    expect(await stateOf(lost)).toBe('written-off');
    // Another record of the same call, which would contradict the one that is written off.
    await small.ledger.deliver([call('a', BARBADOS, START, 'L7')]);
    expect(await listed({})).toEqual([]);
    expect(await stateOf(lost)).toBe('written-off');
  });

  it('are settled as if they had just come once somebody opens them again', async () => {
    const refused = await reopenRecords(small.access, { records: [lost, '99'], ...WHO });
    expect(refused).toMatchObject({ code: 'record-not-written-off', values: { record: '99' } });
    expect(await reopenRecords(small.access, { records: [lost], by: 'Bob', note: 'no test' })).toEqual({
      kind: 'reopened',
      records: 1,
      rated: 0,
    });
    const [waiting] = await listed({});
    expect(waiting).toMatchObject({ no: Number(lost), reason: 'conflict' });
    expect(waiting?.writeOffs.map(({ act, by }) => `${act} ${by}`)).toEqual(['written-off Ada', 'reopened Bob']);
    await small.ledger.deliver([call('c', PARIS, START, 'L8')]);
    const other = await noOf('unknown-line');
    await writeOffRecords(small.access, { records: [other], ...WHO });
    await small.ledger.provision([lineOf('L8')]);
    expect(await stateOf(other)).toBe('written-off');
    const opened = await reopenRecords(small.access, { records: [other], ...WHO });
    expect(opened).toEqual({ kind: 'reopened', records: 1, rated: 1 });
    expect(await stateOf(other)).toBe('rated');
  });

  it('are not taken for settled when they come again', async () => {
    await small.ledger.deliver([BROKEN]);
    expect(await stateOf(broken)).toBe('waiting');
    await small.ledger.deliver([call('d', PARIS, START, 'L9')]);
    const strange = await noOf('unknown-line');
    await writeOffRecords(small.access, { records: [strange], ...WHO });
    await small.ledger.deliver([call('d', PARIS, START, 'L9')]);
    expect(await stateOf(strange)).toBe('waiting');
    await writeOffRecords(small.access, { records: [strange], ...WHO });
    await small.ledger.provision([lineOf('L9')]);
    expect(await stateOf(strange)).toBe('written-off');
    await small.ledger.deliver([call('d', PARIS, START, 'L9')]);
    expect(await stateOf(strange)).toBe('rated');
  });

  it('are refused without a name, a reason, or a number, before the ledger is asked', () => {
    expect(checkWriteOff({ records: ['1', 'x'], by: ' ', note: '' }, 'write off')).toMatchObject({
      code: 'record-unusable',
      others: [{ code: 'name-missing', values: { act: 'write off records' } }, { code: 'reason-missing' }],
    });
  });
});
