import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Offer } from '../../../rules/index.ts';
import {
  type Database,
  latestNumberingPlan,
  loadDestinations,
  loadOffers,
  loadRateDecks,
  offerVersion,
  registerDestinations,
  registerNumberingPlan,
  registerOffer,
  registerRateDeck,
} from '../../../ledger/index.ts';
import { DATABASE_KINDS, openTestDatabase } from '../../support/test-database.ts';

const OFFER: Offer = {
  id: 'full-illimite',
  name: 'Full Illimité',
  timeZone: 'Europe/Paris',
  included: { classes: ['national-fixed', 'national-mobile'], destinations: ['Allemagne fixe'] },
  conditions: [],
};
const DECK = {
  name: 'retail',
  version: '0123456789abcdef',
  currency: 'EUR',
  timeZone: 'Europe/Paris',
  document: 'a,b\né',
};

describe.each(DATABASE_KINDS)('catalogue on %s', (kind) => {
  let db: Database;
  beforeAll(async () => {
    db = await openTestDatabase(kind);
  });
  afterAll(() => db.close());

  it('registers an offer once a version and keeps every version', async () => {
    const no = await registerOffer(db, OFFER);
    expect(await registerOffer(db, { ...OFFER })).toBe(no);
    const renamed = { ...OFFER, name: 'Full' };
    expect(await registerOffer(db, renamed)).not.toBe(no);
    const offers = await loadOffers(db);
    expect(offers.map(({ id, version, offer }) => ({ id, version, offer }))).toEqual([
      { id: 'full-illimite', version: offerVersion(OFFER), offer: OFFER },
      { id: 'full-illimite', version: offerVersion(renamed), offer: renamed },
    ]);
  });

  it('has what was registered once more as the last, under its number, also within one transaction', async () => {
    const decks = ['one', 'two', 'three'].map((version) => ({ ...DECK, name: 'again', version }));
    const offers = ['a', 'b'].map((name) => ({ ...OFFER, id: 'again', name }));
    await db.transaction(async (tx) => {
      for (const deck of [...decks, ...decks.slice(0, 1)]) await registerRateDeck(tx, deck);
      for (const offer of [...offers, ...offers.slice(0, 1)]) await registerOffer(tx, offer);
    });
    const versions = (await loadRateDecks(db)).filter(({ name }) => name === 'again').map(({ version }) => version);
    expect(versions).toEqual(['two', 'three', 'one']);
    const names = (await loadOffers(db)).filter(({ id }) => id === 'again').map(({ offer }) => offer.name);
    expect(names).toEqual(['b', 'a']);
  });

  it('registers a rate deck once a name and version, with its text', async () => {
    const no = await registerRateDeck(db, DECK);
    expect(await registerRateDeck(db, DECK)).toBe(no);
    const other = await registerRateDeck(db, { ...DECK, name: 'wholesale' });
    expect(other).not.toBe(no);
    // Decks of the test before stay: nothing is ever removed.
    expect((await loadRateDecks(db)).filter(({ name }) => name !== 'again')).toEqual([
      { no, ...DECK },
      { no: other, ...DECK, name: 'wholesale' },
    ]);
  });

  it('numbers destinations by name for good', async () => {
    const first = await registerDestinations(db, ['France mobile', 'Île de la Réunion', 'France mobile']);
    expect(first.size).toBe(2);
    const second = await registerDestinations(db, ['Île de la Réunion', 'Canada']);
    expect([...second]).toEqual(expect.arrayContaining([...first]));
    expect(second.size).toBe(3);
    expect(await loadDestinations(db)).toEqual(second);
  });

  it('registers numbering plans by version', async () => {
    expect(await latestNumberingPlan(db)).toBeNull();
    const no = await registerNumberingPlan(db, 'one');
    await registerNumberingPlan(db, 'two');
    expect(await registerNumberingPlan(db, 'one')).toBe(no);
    expect((await latestNumberingPlan(db))?.version).toBe('two');
  });
});

describe('offerVersion()', () => {
  it('is the same however the document was written, and another for another offer', () => {
    const { id, ...rest } = OFFER;
    expect(offerVersion({ ...rest, id })).toBe(offerVersion(OFFER));
    expect(offerVersion({ ...OFFER, name: 'x' })).not.toBe(offerVersion(OFFER));
    expect(offerVersion(OFFER)).toMatch(/^[0-9a-f]{16}$/);
  });
});
