import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSourcePosition } from '../../../ledger/index.ts';
import {
  checkMove,
  checkSettle,
  listHoles,
  movePosition,
  type MoveRequest,
  settleHole,
  sourceHistory,
} from '../../../services/index.ts';
import { call, PARIS, smallLedger, type SmallLedger } from '../small-ledger.ts';
import { type LedgerServer, openLedgerServer } from '../../support/ledger-server.ts';

let server: LedgerServer;
let small: SmallLedger;
beforeAll(async () => {
  server = await openLedgerServer('postgres');
  small = await smallLedger(server);
  await small.ledger.deliver([call('one', PARIS)]);
});
afterAll(() => server.close());

const SAID = { by: 'Ada', note: 'looked into' };

describe('settleHole()', () => {
  it('settles a hole of the size that was seen, and keeps who and why', async () => {
    const { db } = small.access;
    // Nothing explains any of what was passed.
    const [hole] = (await listHoles(small.access)).holes;
    const size = hole?.hole ?? 0;
    expect(size).toBeGreaterThan(0);
    const at = { source: 'test', partition: '0', ...SAID };
    const refused = await settleHole(small.access, { ...at, hole: String(size + 1) });
    expect(refused).toMatchObject({
      code: 'hole-differs',
      values: { source: 'test', partition: '0', now: String(size), hole: String(size + 1) },
    });
    const position = (await readSourcePosition(db, 'test', 0))?.position;
    expect(await settleHole(small.access, { ...at, hole: String(size) })).toEqual({ kind: 'settled', position });
    expect(await listHoles(small.access)).toMatchObject({ holes: [], settled: [{ hole: size, ...SAID }] });
    expect(checkSettle({ source: 'x', partition: 'y', hole: '0', by: '', note: '' })).toMatchObject({
      code: 'partition-unusable',
      others: [{ code: 'hole-unusable' }, { code: 'name-missing' }, { code: 'reason-missing' }],
    });
  });
});

describe('movePosition()', () => {
  it('moves a source that stands where it was seen, within its log, and keeps who and why', async () => {
    const { db } = small.access;
    const from = (await readSourcePosition(db, 'test', 0))?.position ?? 0;
    const bounds = { start: 5, end: from + 10 };
    const move: MoveRequest = { source: 'test', partition: 0, to: 'end', from, bounds, topicId: null, ...SAID };
    for (const to of ['4', String(from + 11), 'begin', '-1']) {
      expect(await movePosition(small.access, { ...move, to })).toMatchObject({ code: 'offset-unusable' });
    }
    expect(await movePosition(small.access, { ...move, from: from + 1 })).toMatchObject({
      code: 'position-moved',
      values: { from: String(from + 1) },
    });
    expect(await movePosition(small.access, move)).toEqual({ kind: 'moved', to: from + 10 });
    expect((await readSourcePosition(db, 'test', 0))?.position).toBe(from + 10);
    expect(await sourceHistory(small.access, 'test')).toMatchObject({ moves: [{ from, to: from + 10, ...SAID }] });
    expect(checkMove({ by: ' ' })).toMatchObject({ code: 'name-missing', values: { act: 'move a position' } });
  });
});
