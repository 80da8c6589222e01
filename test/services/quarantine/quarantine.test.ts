import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY_MS } from '../../../engine/starts/plausible-starts.ts';
import { startAcceptances } from '../../../ledger/index.ts';
import {
  acceptStarts,
  checkAccept,
  checkQuarantine,
  listQuarantine,
  type QuarantineList,
  QUARANTINE_REASONS,
  type QuarantineRequest,
  replayQuarantine,
  showRecord,
} from '../../../services/index.ts';
import { BARBADOS, call, lineOf, PARIS, smallLedger, type SmallLedger } from '../small-ledger.ts';
import { type LedgerServer, openLedgerServer } from '../../support/ledger-server.ts';

const START = '2026-11-03T10:00:00Z';

let server: LedgerServer;
let small: SmallLedger;
beforeAll(async () => {
  server = await openLedgerServer('postgres');
  small = await smallLedger(server);
  const late = Date.parse(START) + 401 * DAY_MS;
  await small.ledger.deliver(
    [
      call('a', PARIS, START, 'L7'),
      call('b', PARIS, START, 'L7'),
      call('c', BARBADOS, START, 'L8'),
      call('d', PARIS),
      call('e', BARBADOS),
      '{"v":1,',
    ],
    [null, null, null, late, late, null],
  );
});
afterAll(() => server.close());

async function listed(request: QuarantineRequest): Promise<QuarantineList> {
  const list = await listQuarantine(small.access, request);
  if (list.kind === 'refused') throw new Error(list.code);
  return list;
}

async function numbersOf(reason: string): Promise<string[]> {
  return (await listed({ reason })).records.map(({ no }) => String(no));
}

describe('listQuarantine()', () => {
  it('counts by reason, and lists the records as they came, page by page', async () => {
    const { counts, records, next } = await listed({});
    expect(counts.toSorted((a, b) => (a.reason < b.reason ? -1 : 1))).toMatchObject([
      { state: 'waiting', reason: 'not-json', records: 1 },
      { state: 'waiting', reason: 'start-implausible', records: 2 },
      { state: 'waiting', reason: 'unknown-line', records: 3 },
    ]);
    expect([records.length, next]).toEqual([6, null]);
    expect(records.find(({ line }) => line === 'L8')).toMatchObject({ dialled: BARBADOS, reason: 'unknown-line' });
    const broken = records.find(({ reason }) => reason === 'not-json');
    expect(broken).toMatchObject({ line: null, dialled: null, canonical: null, record: Buffer.from('{"v":1,') });
    const paged: number[] = [];
    let after: string | undefined;
    do {
      const page = await listed({ reason: 'unknown-line', limit: '2', after });
      paged.push(...page.records.map(({ no }) => no));
      after = page.next ?? undefined;
    } while (after !== undefined);
    expect(paged.map(String)).toEqual(await numbersOf('unknown-line'));
    expect((await listed({ countsOnly: true })).records).toEqual([]);
  });

  it('refuses reasons, pages and cursors that are none, all at once', () => {
    const refused = checkQuarantine({ reason: 'unknown-lines', limit: 'all', after: 'x' });
    expect([refused?.code, ...(refused?.others ?? []).map(({ code }) => code)]).toEqual([
      'reason-unknown',
      'page-unusable',
      'cursor-unreadable',
    ]);
    expect(QUARANTINE_REASONS.map((reason) => checkQuarantine({ reason }))).toEqual(QUARANTINE_REASONS.map(() => null));
  });
});

describe('showRecord()', () => {
  it('shows one record, and refuses what is none', async () => {
    const [no = ''] = await numbersOf('unknown-line');
    expect(await showRecord(small.access, no)).toMatchObject({ kind: 'record', state: 'waiting', line: 'L7' });
    const codes = [await showRecord(small.access, '0'), await showRecord(small.access, '999')];
    expect(codes).toMatchObject([{ code: 'record-unusable' }, { code: 'record-unknown', values: { record: '999' } }]);
  });
});

describe('acceptStarts()', () => {
  it('rates records whose starts are accepted, all or none, and keeps who and why', async () => {
    const doubted = await numbersOf('start-implausible');
    const [other = ''] = await numbersOf('unknown-line');
    const said = { by: 'Ada', note: 'the clock was right' };
    expect(await acceptStarts(small.access, { records: [...doubted, other], ...said })).toMatchObject({
      code: 'start-not-doubted',
      values: { record: other },
    });
    expect(await numbersOf('start-implausible')).toEqual(doubted);
    expect(await acceptStarts(small.access, { records: doubted, ...said })).toEqual({
      kind: 'accepted',
      accepted: 2,
      rated: 2,
    });
    for (const no of doubted) {
      const kept = await startAcceptances(small.access.db, Number(no));
      expect(kept).toMatchObject([{ acceptedBy: 'Ada', note: 'the clock was right' }]);
    }
    expect(checkAccept({ records: ['1', 'x'], by: ' ', note: '' })).toMatchObject({
      code: 'record-unusable',
      others: [{ code: 'name-missing' }],
    });
  });
});

describe('replayQuarantine()', () => {
  it('rates what can be rated by now', async () => {
    expect(await replayQuarantine(small.access, { reason: 'unknown-line' })).toMatchObject({ tried: 3, rated: 0 });
    await small.ledger.provision([lineOf('L7')]);
    expect(await numbersOf('unknown-line')).toHaveLength(1);
    const replayed = await replayQuarantine(small.access, {});
    expect(replayed).toMatchObject({ kind: 'replayed', tried: 1, rated: 0 });
    expect(await replayQuarantine(small.access, { reason: 'x' })).toMatchObject({ code: 'reason-unknown' });
  });
});
