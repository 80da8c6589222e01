import { afterEach, describe, expect, it } from 'vitest';
import { loadCatalogue } from '../../../engine/load-catalogue.ts';
import {
  addToDeckSchedule,
  catalogueVersion,
  type Database,
  ledgerUnits,
  loadDeckSchedule,
  migrate,
  readMigrations,
  registerRateDeck,
} from '../../../ledger/index.ts';
import { compileDeck, formatDeckFault, parseDeck } from '../../../tariffs/index.ts';
import { plan } from '../../support/ledger-under-test.ts';
import { DATABASE_KINDS, openEmptyTestDatabase, openTestDatabase } from '../../support/test-database.ts';

/** Registers a deck with one price for France. */
async function register(db: Database, name: string, price: string): Promise<number> {
  const defaults = { name, currency: 'EUR', timeZone: 'Europe/Paris' };
  const document = `prefix,price_per_minute\n33,${price}\n`;
  const parsed = parseDeck(document, defaults);
  if (parsed.kind === 'faults') throw new Error(parsed.faults.map(formatDeckFault).join('\n'));
  return registerRateDeck(db, { ...defaults, version: compileDeck(parsed.deck).version, document });
}

describe.each(DATABASE_KINDS)('the schedule of decks on %s', (kind) => {
  let db: Database;
  afterEach(() => db.close());

  it('comes back in the order of entry, with who and when, and the catalogue prices by it', async () => {
    db = await openTestDatabase(kind);
    const [cheap, dear] = [await register(db, 'cheap', '0.1'), await register(db, 'dear', '0.9')];
    const noon = Date.parse('2026-12-01T12:00:00.001Z');
    const before = Date.now() - 60_000;
    await addToDeckSchedule(db, [{ basis: 'call-start', from: -Infinity, deckNo: dear }], 'Ada');
    const version = await catalogueVersion(db);
    await addToDeckSchedule(
      db,
      [
        { basis: 'call-start', from: -Infinity, deckNo: cheap },
        { basis: 'call-start', from: noon, deckNo: dear },
        { basis: 'billing-day', from: noon, deckNo: cheap },
      ],
      'Grace',
    );
    expect(await catalogueVersion(db)).not.toBe(version);
    const schedule = await loadDeckSchedule(db);
    expect(schedule.map(({ basis, from, deckNo, takenBy }) => [basis, from, deckNo, takenBy])).toEqual([
      ['call-start', -Infinity, dear, 'Ada'],
      ['call-start', -Infinity, cheap, 'Grace'],
      ['call-start', noon, dear, 'Grace'],
      ['billing-day', noon, cheap, 'Grace'],
    ]);
    expect(schedule.every(({ takenAt }) => takenAt > before)).toBe(true);
    const { deck, currency } = await loadCatalogue(db, plan);
    const priceAt = (at: number) => [deck.deckNoAt(at), deck.rateFor(33_140_000_000, '', -1, at)?.price.pricePerMinute];
    expect([priceAt(noon - 1), priceAt(noon)]).toEqual([
      [cheap, 100_000_000],
      [dear, 900_000_000],
    ]);
    expect([currency, (await ledgerUnits(db)).currency]).toEqual(['EUR', 'EUR']);
  });

  it('refuses a basis that there is not, and a deck that never begins', async () => {
    db = await openTestDatabase(kind);
    const no = await register(db, 'one', '0.1');
    for (const values of [`'invoice', now(), ${no}`, `'call-start', 'infinity', ${no}`, `'call-start', now(), 99`]) {
      const insert = `insert into deck_schedule (basis, valid_from, rate_deck, taken_by) values (${values}, 'x')`;
      await expect(db.query(insert)).rejects.toThrow(/deck_schedule/);
    }
  });

  it('has the deck of an older ledger that was imported last in force from ever on', async () => {
    db = await openEmptyTestDatabase(kind);
    const all = await readMigrations();
    await migrate(db, all.slice(0, 11));
    const first = await register(db, 'first', '0.1');
    await register(db, 'second', '0.2');
    expect(await register(db, 'first', '0.1')).toBe(first);
    await migrate(db, all);
    const schedule = await loadDeckSchedule(db);
    expect(schedule.map(({ basis, from, deckNo }) => [basis, from, deckNo])).toEqual([
      ['call-start', -Infinity, first],
      ['billing-day', -Infinity, first],
    ]);
    expect((await loadCatalogue(db, plan)).deck.deckNoAt(0)).toBe(first);
  });

  it('is empty in an older ledger that never had a deck, which says so when it is to rate', async () => {
    db = await openEmptyTestDatabase(kind);
    const all = await readMigrations();
    await migrate(db, all.slice(0, 11));
    await migrate(db, all);
    expect(await loadDeckSchedule(db)).toEqual([]);
    await expect(loadCatalogue(db, plan)).rejects.toThrow('Cannot rate: the ledger has no rate deck');
  });
});
