import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readNumberingTables } from '../../../bin/load-numbering-plan.ts';
import { readDefaultOffer } from '../../../bin/set-up-ledger.ts';
import {
  checkOfferImport,
  importOffer,
  lintOffer,
  listOffers,
  type OfferImport,
  rateAgain,
  refusalSentence,
  type Refused,
} from '../../../services/index.ts';
import { plan } from '../../support/ledger-under-test.ts';
import { BARBADOS, call, smallLedger, type SmallLedger } from '../small-ledger.ts';
import { type LedgerServer, openLedgerServer } from '../../support/ledger-server.ts';

const OFFER = readFileSync(new URL('../../../rules/offers/full-illimite.json', import.meta.url), 'utf8');
const WIDE = OFFER.replace('"Espagne Fixe"', '"Espagne Fixe", "Barbade"');

let server: LedgerServer;
let small: SmallLedger;
beforeAll(async () => {
  server = await openLedgerServer('postgres');
});
afterAll(() => server.close());
beforeEach(async () => {
  small = await smallLedger(server);
});

function imported(text: string, more: Partial<OfferImport> = {}) {
  return importOffer(small.access, { file: 'offer.json', text, by: 'Ada', ...more });
}

describe('importOffer()', () => {
  it('refuses to judge rated calls anew, and does it and keeps who and why where it is told to', async () => {
    expect(await imported(OFFER)).toMatchObject({ kind: 'imported', isInUse: true, wasKnown: true });
    await small.ledger.deliver([call('one', BARBADOS)]);
    const refused = await imported(WIDE);
    expect(refused).toMatchObject({ code: 'offer-rejudges-calls', values: { calls: '1', offer: 'full-illimite' } });
    expect(refusalSentence(refused as Refused)).toContain(`1 call is rated under 'full-illimite' already`);
    expect((await listOffers(small.access)).offers).toHaveLength(1);
    const wide = await imported(WIDE, { retroactive: true, note: 'agreed' });
    expect(wide).toMatchObject({ kind: 'imported', isInUse: false, wasKnown: false, staleLines: 2 });
    expect(await rateAgain(small.access)).toMatchObject({ changes: { otherCoverage: 1, charge: -400_000 } });
    const { offers, retroactive } = await listOffers(small.access);
    expect(offers.map(({ isInUse }) => isInUse)).toEqual([false, true]);
    expect(retroactive).toMatchObject([{ kind: 'offer', calls: 1, takenBy: 'Ada', note: 'agreed' }]);
  });

  it('takes another name, and an offer that no call was rated under, without a word', async () => {
    await small.ledger.deliver([call('one', BARBADOS)]);
    expect(await imported(OFFER.replace(/"name": "[^"]*"/, '"name": "Another"'))).toMatchObject({ name: 'Another' });
    expect(await imported(WIDE.replace('"full-illimite"', '"wide"'))).toMatchObject({ id: 'wide', isInUse: false });
    expect((await listOffers(small.access)).retroactive).toEqual([]);
  });

  it('refuses another time zone, and a file with faults', async () => {
    const lisbon = OFFER.replace('Europe/Paris', 'Europe/Lisbon').replace('"full-illimite"', '"lisbon"');
    const values = { offer: 'lisbon', zone: 'Europe/Lisbon', other: 'full-illimite', otherZone: 'Europe/Paris' };
    expect(await imported(lisbon)).toMatchObject({ code: 'offer-time-zone-differs', values });
    const request = { file: 'x.json', text: lisbon, by: 'Ada' };
    expect(checkOfferImport(request, plan)).toBeNull();
    expect(checkOfferImport(request, plan, [readDefaultOffer(plan)])).toMatchObject({ values });
    expect(await imported(OFFER.replace('"Espagne Fixe"', '"Espagne Fixee"'))).toMatchObject({
      kind: 'faults',
      faults: [{ path: expect.stringContaining('included') }],
    });
  });
});

describe('lintOffer()', () => {
  it('gives findings as data, and how many are faults', () => {
    expect(lintOffer(OFFER, plan, readNumberingTables())).toMatchObject({ kind: 'linted', grave: 0 });
    expect(lintOffer('{}', plan, readNumberingTables())).toMatchObject({ kind: 'faults' });
  });
});
