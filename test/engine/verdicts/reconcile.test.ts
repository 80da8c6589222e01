import { afterAll, describe, expect, it } from 'vitest';
import { differs } from '../../../engine/verdicts/reconcile.ts';
import { addToDeckSchedule, type PostedCall, markEveryLineStale, registerRateDeck } from '../../../ledger/index.ts';
import type { RatingEngine } from '../../../engine/rating-engine.ts';
import { Directory, type RatedCall } from '../../../rater/index.ts';
import { compileDeck, parseDeck } from '../../../tariffs/index.ts';
import { cdr, contextOf, line as lineFor, lineState, plan, ratedOf } from '../../rater/rating-for-test.ts';
import { billedCalls } from '../../support/posted-ledger.ts';
import { DATABASE_KINDS } from '../../support/test-database.ts';
import { Ledgers, Source, recordOf } from '../ledger-of-lines.ts';

/** What a change of each field of a posted call comes to: `corrected`, or who else sees to it. */
const FIELDS: Readonly<Record<keyof PostedCall, { readonly other: unknown; readonly by: string }>> = {
  coverage: { other: 'free', by: 'corrected' },
  reason: { other: 'no-offer', by: 'corrected' },
  charge: { other: 1, by: 'corrected' },
  meteredPrice: { other: 1, by: 'corrected' },
  billedSeconds: { other: 1, by: 'corrected' },
  called: { other: 33_100_000_000, by: 'corrected' },
  destination: { other: 7, by: 'corrected' },
  offer: { other: 99, by: 'corrected' },
  flags: { other: 64, by: 'corrected' },
  bucket: { other: 1, by: 'keepsCall: the call is moved' },
  account: { other: 9, by: 'keepsCall: the call is moved' },
  line: { other: 9, by: 'keepsCall: the call is moved' },
  period: { other: 202612, by: 'keepsCall: the call is moved' },
  startedAt: { other: 0, by: 'its record: another is another usage' },
  durationMs: { other: 0, by: 'its record: another is another usage' },
  record: { other: '', by: 'its record: another is another usage' },
  identity: { other: 1n, by: 'its number stays' },
  revision: { other: 9, by: 'its number stays' },
  rateDeck: {
    other: 9,
    by: 'nobody: it is the deck that priced the call, and another one that says the same corrects nothing',
  },
};

describe('what an entry says that is no longer so', () => {
  const directory = new Directory(plan);
  directory.put(lineState(lineFor('L1')));
  const rated = ratedOf(cdr(), contextOf(directory));
  const posted = postedAs(rated);
  const catalogue = { destinationNo: () => 3 };

  it('is nothing where all is as it was', () => {
    expect(differs(rated, posted, catalogue)).toBe(false);
  });

  it.each(Object.entries(FIELDS))('is seen in field %s', (field, { other, by }) => {
    expect(differs(rated, { ...posted, [field]: other }, catalogue)).toBe(by === 'corrected');
  });

  it('is looked for in every field', () => {
    expect(Object.keys(FIELDS).toSorted()).toEqual(Object.keys(posted).toSorted());
  });
});

function postedAs(rated: RatedCall): PostedCall {
  const {
    line: owner,
    period,
    coverage,
    reason,
    startedAt,
    durationMs,
    called,
    billedSeconds,
    charge,
    meteredPrice,
  } = rated;
  return {
    bucket: owner.bucket,
    account: owner.account,
    line: owner.no,
    period,
    identity: 0n,
    revision: 0,
    coverage,
    reason,
    startedAt,
    durationMs,
    called,
    destination: 3,
    billedSeconds,
    charge,
    meteredPrice,
    offer: rated.offer?.no ?? null,
    rateDeck: 1,
    flags: rated.flags,
    record: '{}',
  };
}

describe.each(DATABASE_KINDS)('a deck with other increments and the same charge, on %s', (kind) => {
  const ledgers = new Ledgers(kind);
  afterAll(() => ledgers.close());

  it('bills the same seconds whether it came before the call or after', async () => {
    const seconds: number[] = [];
    for (const comesFirst of [true, false]) {
      const ledger = await ledgers.open();
      const source = new Source(ledger.db, 'file:one');
      const engine = ledger.otherEngine();
      const call = recordOf('c', { durationMs: 61_000 });
      if (!comesFirst) await source.give(engine, call);
      await importDeck(engine);
      await engine.catchUp();
      if (comesFirst) await source.give(ledger.otherEngine(), call);
      const [billed] = [...(await billedCalls(ledger.db)).values()];
      expect(billed?.meteredPrice).toBe('0.180000');
      seconds.push(billed?.billedSeconds ?? 0);
    }
    // 61 s at 60/60 are 120 s at 0.09 a minute, and at 30/30 they are 90 s at 0.12.
    expect(seconds).toEqual([90, 90]);
  });
});

async function importDeck(engine: RatingEngine): Promise<void> {
  const document = 'prefix,price_per_minute,initial_increment_s,next_increment_s\n336,0.12,30,30\n';
  const defaults = { name: 'test', currency: 'EUR', timeZone: 'Europe/Paris' };
  const parsed = parseDeck(document, defaults);
  if (parsed.kind === 'faults') throw new Error(JSON.stringify(parsed.faults));
  await engine.changeCatalogue(async (tx) => {
    const deckNo = await registerRateDeck(tx, { ...defaults, version: compileDeck(parsed.deck).version, document });
    await addToDeckSchedule(tx, [{ basis: 'call-start', from: -Infinity, deckNo }], 'test');
    return markEveryLineStale(tx);
  });
}
