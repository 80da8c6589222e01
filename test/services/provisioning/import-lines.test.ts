import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { checkLinesImport, importLines, type LinesImport, rateAgain } from '../../../services/index.ts';
import { plan } from '../../support/ledger-under-test.ts';
import { BARBADOS, call, smallLedger, type SmallLedger } from '../small-ledger.ts';
import { type LedgerServer, openLedgerServer } from '../../support/ledger-server.ts';

const HEADER = 'line,account,number,offer,usage_class,mobility,equipment,from,to\n';
const FACTS = 'full-illimite,business,off,managed,2026-01-01,';
const OFFERS = [{ id: 'full-illimite', timeZone: 'Europe/Paris' }];

let server: LedgerServer;
let small: SmallLedger;
beforeAll(async () => {
  server = await openLedgerServer('postgres');
});
afterAll(() => server.close());
beforeEach(async () => {
  small = await smallLedger(server);
});

function imported(lines: string, more: Partial<LinesImport> = {}) {
  const texts = { accounts: 'account,name\nA9,Martin\n', lines: HEADER + lines };
  return importLines(small.access, { texts, by: 'Ada', ...more });
}

describe('importLines()', () => {
  it('stores lines, says what is new, and over which rated calls the facts reach', async () => {
    await small.ledger.deliver([call('waits', BARBADOS, '2026-11-03T10:00:00Z', 'L9')]);
    expect(await imported(`L9,A9,+33140000009,${FACTS}\n`)).toMatchObject({
      kind: 'imported',
      accounts: 1,
      lines: 1,
      change: { newAccounts: ['A9'], changedLines: ['L9'], reach: null },
    });
    expect(await rateAgain(small.access)).toMatchObject({
      changes: { newlyRated: 1, charge: 400_000 },
      waitingBefore: 1,
      waiting: 0,
    });
    const ended = `L9,A9,+33140000009,full-illimite,business,off,managed,2026-01-01,2026-02-01\n`;
    expect(await imported(ended, { note: 'moved out' })).toMatchObject({ change: { reach: { calls: 1 } } });
    expect(await rateAgain(small.access)).toMatchObject({ changes: { reversed: 1 }, waiting: 1 });
  });

  it('says every fault of the files, and what the ledger has against them, by row', async () => {
    expect(await imported(`L9,A8,+33140000009,${FACTS}\nL9,A9,12,none,${FACTS}`)).toMatchObject({
      kind: 'faults',
      faults: expect.arrayContaining([expect.objectContaining({ file: 'lines.csv', line: 2, column: 'account' })]),
    });
    const taken = await imported(`L9,A9,+33140000001,${FACTS}\n`, { names: { lines: 'my-lines.csv' } });
    expect(taken).toMatchObject({
      kind: 'faults',
      faults: [
        { file: 'my-lines.csv', line: 2, column: 'number', problem: expect.stringContaining(`line 'L1' has it`) },
      ],
    });
  });

  it('refuses nobody, and is checked without a ledger', async () => {
    expect(await imported(`L9,A9,,${FACTS}\n`, { by: ' ' })).toMatchObject({ code: 'name-missing' });
    const request = { texts: { accounts: 'account,name\nA9,M\n', lines: `${HEADER}L9,A9,,${FACTS}\n` }, by: 'Ada' };
    expect(checkLinesImport(request, plan, OFFERS)).toBeNull();
    expect(checkLinesImport(request, plan, [])).toMatchObject({ kind: 'faults', faults: [{ column: 'offer' }] });
  });
});
