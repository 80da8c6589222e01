import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readLives, settleFirstHome } from '../../../ledger/index.ts';
import { checkTakeOver, takeOver } from '../../../services/index.ts';
import { smallLedger } from '../small-ledger.ts';
import { type LedgerServer, openLedgerServer } from '../../support/ledger-server.ts';

let server: LedgerServer;
beforeAll(async () => {
  server = await openLedgerServer('postgres');
});
afterAll(() => server.close());

const SAID = { by: 'Ada', note: 'the disk was lost' };

describe('takeOver()', () => {
  it('begins another life where the ledger has no home yet, and is refused at home, but in place', async () => {
    const { access } = await smallLedger(server);
    expect(await takeOver(access, SAID)).toMatchObject({ kind: 'taken-over', life: { no: 2, begunBy: 'Ada' } });
    expect(await takeOver(access, SAID)).toMatchObject({ code: 'already-at-home' });
    expect(await readLives(access.db)).toHaveLength(2);
    expect(await takeOver(access, { ...SAID, inPlace: true })).toMatchObject({ life: { no: 3 } });
  });

  it('has the life go on where nothing was lost', async () => {
    const { access } = await smallLedger(server);
    expect(await takeOver(access, { ...SAID, nothingLost: true })).toEqual({ kind: 'taken-over', life: null });
    expect(await readLives(access.db)).toHaveLength(1);
    await settleFirstHome(access.db);
    expect(await takeOver(access, { ...SAID, nothingLost: true })).toMatchObject({ code: 'already-at-home' });
  });

  it('refuses what can not be meant, all at once', () => {
    expect(checkTakeOver({ by: '', note: '', nothingLost: true, inPlace: true })).toMatchObject({
      code: 'name-missing',
      others: [{ code: 'reason-missing' }, { code: 'nothing-restored' }],
    });
  });
});
