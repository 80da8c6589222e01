import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  checkDeckImport,
  compareDecks,
  type DeckImport,
  findDeck,
  importDeck,
  listDecks,
  rateAgain,
  type Refused,
} from '../../../services/index.ts';
import { plan } from '../../support/ledger-under-test.ts';
import { BARBADOS, call, deckOf, PARIS, smallLedger, type SmallLedger } from '../small-ledger.ts';
import { type LedgerServer, openLedgerServer } from '../../support/ledger-server.ts';

const RETROACTIVE = { retroactive: true, note: 'agreed' } as const;

let server: LedgerServer;
let small: SmallLedger;
beforeAll(async () => {
  server = await openLedgerServer('postgres');
});
afterAll(() => server.close());
beforeEach(async () => {
  small = await smallLedger(server);
});

function imported(text: string, more: Partial<DeckImport> = {}) {
  return importDeck(small.access, { file: 'new.csv', text, by: 'Ada', ...more });
}

function codeOf(answer: { readonly kind: string } | Refused): string {
  return 'code' in answer ? answer.code : answer.kind;
}

describe('importDeck()', () => {
  it('takes any deck while nothing is rated, and says from when to when it is in force', async () => {
    const answer = await imported(deckOf('next', { Barbade: '0.80' }));
    expect(answer).toMatchObject({
      kind: 'imported',
      name: 'next',
      currency: 'EUR',
      rates: 4,
      isInUse: false,
      wasKnown: false,
      from: -Infinity,
      to: Infinity,
    });
    expect(await imported(deckOf('next', { Barbade: '0.80' }))).toMatchObject({ isInUse: true, wasKnown: true });
    expect(await imported(deckOf('later'), { from: '2050-01-01' })).toMatchObject({
      from: Date.UTC(2049, 11, 31, 23),
      to: Infinity,
    });
    expect(await imported(deckOf('third'), { from: 'ever' })).toMatchObject({
      from: -Infinity,
      to: Date.UTC(2049, 11, 31, 23),
    });
    const { decks, schedule, retroactive } = await listDecks(small.access);
    expect(decks.map(({ name, isInUse }) => [name, isInUse])).toEqual([
      ['test', false],
      ['next', false],
      ['later', false],
      ['third', true],
    ]);
    expect(schedule.filter(({ basis }) => basis === 'call-start')).toMatchObject([
      { deckNo: 4, takenBy: 'Ada' },
      { deckNo: 3, from: Date.UTC(2049, 11, 31, 23) },
    ]);
    expect(retroactive).toEqual([]);
  });

  it('refuses to price rated calls otherwise, and does it and keeps who and why where it is told to', async () => {
    await small.ledger.deliver([call('one', BARBADOS), call('two', BARBADOS), call('three', PARIS)]);
    const dear = deckOf('dear', { Barbade: '0.80' });
    const refused = await imported(dear);
    expect(refused).toMatchObject({
      code: 'deck-reprices-calls',
      values: { file: 'new.csv', calls: '2', from: '2026-11-03 11:00:00', price: '0.80', currency: 'EUR' },
    });
    expect((await listDecks(small.access)).decks).toHaveLength(1);
    expect(await imported(dear, RETROACTIVE)).toMatchObject({ kind: 'imported', stale: { lines: 2, records: 0 } });
    expect(await rateAgain(small.access)).toMatchObject({
      changes: { corrected: 2, otherCharge: 2, charge: 800_000 },
      currency: 'EUR',
      chargeBefore: 800_000,
      waiting: 0,
    });
    expect((await listDecks(small.access)).retroactive).toMatchObject([
      { kind: 'rate-deck', calls: 2, takenBy: 'Ada', note: 'agreed', reachesBack: Date.parse('2026-11-03T10:00:00Z') },
    ]);
  });

  it('refuses a deck without a price for rated calls, and to price otherwise what waits for its price', async () => {
    await small.ledger.deliver([call('one', BARBADOS), call('two', PARIS)]);
    const thin = deckOf('thin').replace(/^Barbade.*\n/m, '');
    expect(await imported(thin, RETROACTIVE)).toMatchObject({
      code: 'calls-unpriced',
      values: { calls: '1', destinations: `'Barbade' 1` },
    });
    expect(codeOf(await imported(thin, { allowUnpriced: true }))).toBe('deck-reprices-calls');
    expect(codeOf(await imported(thin, { allowUnpriced: true, ...RETROACTIVE }))).toBe('imported');
    expect(await rateAgain(small.access)).toMatchObject({ changes: { reversed: 1 }, waitingBefore: 0, waiting: 1 });
    expect(await imported(deckOf('dear', { Barbade: '0.80' }))).toMatchObject({
      code: 'deck-reprices-waiting-calls',
      values: { calls: '1', price: '0.40' },
    });
    expect(codeOf(await imported(deckOf('as-before')))).toBe('imported');
  });

  it('refuses what nobody could tell the meaning of', async () => {
    const answers = [
      await imported(deckOf('dollars').replace('EUR', 'USD'), { from: '2050-01-01' }),
      await imported(deckOf('zone').replace('Europe/Paris', 'America/New_York'), { from: '2050-01-01' }),
      await imported(deckOf('later'), { from: '2050-01-01' }),
      await imported(deckOf('which')),
      await imported(deckOf('no-day'), { from: 'tomorrow' }),
      await imported(deckOf('no-reason'), { retroactive: true, note: ' ' }),
      await imported(deckOf('nobody'), { by: '' }),
      await imported(deckOf('unknown').replace('Barbade', 'Barbadee')),
    ];
    expect(answers.map(codeOf)).toEqual([
      'deck-currency-differs',
      'deck-time-zone-differs',
      'imported',
      'several-decks-scheduled',
      'day-unreadable',
      'reason-missing',
      'name-missing',
      'faults',
    ]);
    const request = { file: 'new.csv', text: deckOf('x'), by: '', retroactive: true };
    expect(checkDeckImport(request, plan)).toMatchObject({
      code: 'reason-missing',
      others: [{ code: 'name-missing' }],
    });
    expect(checkDeckImport({ ...request, by: 'Ada', note: 'why' }, plan)).toBeNull();
  });
});

/** Another price for Andorra, until a day. */
const changedUntil = (day: string): string => deckOf('other', { Andorre: '9.99' }, [`Andorre,,${day},0.20`]);
/** None until a day. */
const noneUntil = (day: string): string => deckOf('none').replace(/^Andorre,,/m, `Andorre,,${day}`);

describe('a price of the past', () => {
  beforeEach(async () => {
    await small.ledger.deliver([call('one', PARIS)]);
  });

  it.each(['2026-09-01', '2025-09-29', '2025-09-28', '2024-01-01', '2001-01-01'])(
    'is guarded however long before the first rated call it holds: until %s',
    async (day) => {
      expect(await imported(changedUntil(day))).toMatchObject({
        code: 'deck-changes-past-prices',
        values: { key: 'Andorre', prices: '1', from: '2000-01-01 00:00:00' },
      });
      expect(codeOf(await imported(noneUntil(day).replace(`${day},0.20`, `${day}:0.20`)))).toBe('faults');
      expect(codeOf(await imported(noneUntil(day)))).toBe('deck-removes-past-prices');
      expect(codeOf(await imported(changedUntil(day), RETROACTIVE))).toBe('imported');
    },
  );

  it('is guarded in the days that a deck takes over, though a call of then may be rated at any time', async () => {
    const other = deckOf('other', { Andorre: '9.99' });
    expect(await imported(other, { from: '2023-01-01' })).toMatchObject({
      code: 'deck-changes-past-prices',
      values: { from: '2023-01-01 00:00:00' },
    });
    // A file says nothing of when its records reached it: a call of three years ago is rated, by the price of then.
    await small.ledger.deliver([call('late', '+376712345', '2023-11-03T10:00:00Z')]);
    expect(await imported(other, { from: '2023-01-01' })).toMatchObject({
      code: 'deck-reprices-calls',
      values: { calls: '1', from: '2023-11-03 11:00:00' },
    });
    expect(codeOf(await imported(other, { from: '2050-01-01' }))).toBe('imported');
  });

  it('may be given to what never had one, and begin in another way that prices every call alike', async () => {
    const more = { Belgique: '0.10' };
    expect(codeOf(await imported(deckOf('more', more)))).toBe('imported');
    expect(codeOf(await imported(deckOf('alike', more, ['Andorre,376,,0.20'])))).toBe('imported');
    expect(codeOf(await imported(deckOf('prefix', more, ['Andorre,376,,0.20', 'Andorre,3766,,0.21'])))).toBe(
      'deck-changes-past-prices',
    );
  });
});

describe('compareDecks()', () => {
  it('tells what changes, by the text of decks and by decks of the ledger', async () => {
    await imported(deckOf('next', { Barbade: '0.80' }));
    const found = await findDeck(small.access, 'next');
    if (found.kind === 'refused') throw new Error(found.code);
    const first = { name: 'first.csv', text: deckOf('first') };
    const compared = compareDecks(first, found, '2027-01-01');
    expect(compared).toMatchObject({
      kind: 'comparison',
      at: Date.UTC(2026, 11, 31, 23),
      changes: [{ key: 'Barbade', change: 'changed', direction: 'rise' }],
    });
    expect(compareDecks(first, first)).toMatchObject({ kind: 'comparison', changes: [] });
    expect(compareDecks(first, { name: 'bad.csv', text: 'destination\nx\n' })).toMatchObject({
      kind: 'faults',
      deck: 'bad.csv',
    });
    expect([codeOf(compareDecks(first, found, 'soon')), codeOf(await findDeck(small.access, 'nope'))]).toEqual([
      'instant-unreadable',
      'deck-unknown',
    ]);
  });
});
