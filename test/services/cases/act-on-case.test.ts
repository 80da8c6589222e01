import { expect, inject, it } from 'vitest';
import { openDatabase } from '../../../ledger/index.ts';
import { actOnCase } from '../../../services/index.ts';
import { smallForfaitInReview } from '../../rules/offers-for-test.ts';
import { startCuttingProxy } from '../../support/cutting-proxy.ts';
import { LedgerUnderTest } from '../../support/ledger-under-test.ts';
import { createTestDatabase } from '../../support/test-database.ts';
import { call, deckOf, lineOf } from '../small-ledger.ts';

const CASE = { line: 'L1', period: '2026-10' };
const NOTE = { kind: 'note', note: 'seen' } as const;

it('an act is kept once, or who does it is told that nobody knows, whenever the connection is cut', async () => {
  const { url, drop } = await createTestDatabase(inject('postgres').template);
  const proxy = await startCuttingProxy(url);
  const [direct, db] = [await openDatabase({ url }), await openDatabase({ url: proxy.url })];
  const acts = async (): Promise<number> => (await direct.query('select from case_act')).length;
  try {
    const offer = smallForfaitInReview('small');
    const ledger = await LedgerUnderTest.on(direct, [offer], deckOf('first'));
    const line = lineOf('L1', 33_140_000_001);
    await ledger.provision([{ ...line, spans: line.spans.map((span) => ({ ...span, offer: offer.id })) }]);
    const days = [1, 2, 3, 4, 5];
    await ledger.deliver(days.map((at) => call(`c${at}`, `+3361234560${at}`, `2026-10-0${at}T10:00:00Z`)));

    proxy.judge = ({ from, text }) =>
      proxy.cuts < 2 && from === 'client' && text.includes('insert into case_act') ? 'cut-after' : 'pass';
    expect(await actOnCase({ db }, CASE, NOTE, 'anne')).toEqual({ kind: 'acted' });
    expect([proxy.cuts, await acts()]).toEqual([2, 1]);

    proxy.judge = ({ from, text }) => (from === 'client' && /\bcommit\b/i.test(text) ? 'cut-after' : 'pass');
    await expect(actOnCase({ db }, CASE, NOTE, 'anne')).rejects.toMatchObject({ name: 'CommitInDoubtError' });
    expect(proxy.cuts).toBe(3);
    expect(await acts()).toBeLessThanOrEqual(2);
  } finally {
    await db.close();
    await proxy.close();
    await direct.close();
    await drop();
  }
}, 60_000);
