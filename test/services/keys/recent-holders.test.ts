import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, revokeApiKey } from '../../../ledger/index.ts';
import { RecentHolders } from '../../../services/keys/recent-holders.ts';
import { createApiKey } from '../../../services/index.ts';
import { openTestDatabase } from '../../support/test-database.ts';

let db: Database;
beforeAll(async () => {
  db = await openTestDatabase('postgres');
});
afterAll(() => db.close());

const BEGAN = Date.UTC(2026, 10, 30);

async function newKey(): Promise<{ readonly key: string; readonly id: string }> {
  const made = await createApiKey(db, { name: 'switch', scopes: ['quotes:read'], by: 'test' });
  if (made.kind === 'refused') throw new Error(made.code);
  return made;
}

/** The same database, which answers once it is let: as one does that is busy with a batch. */
function busy(isBusy: () => Promise<void>): { readonly q: Pick<Database, 'query'>; asked: number } {
  const counted = {
    asked: 0,
    q: {
      async query<Row>(sql: string, params?: Parameters<Database['query']>[1]): Promise<Row[]> {
        counted.asked++;
        await isBusy();
        return db.query<Row>(sql, params);
      },
    },
  };
  return counted;
}

describe('who holds a key', () => {
  it('is said without the ledger for a second, and while it is asked again', async () => {
    const { key, id } = await newKey();
    const gate = Promise.withResolvers<void>();
    let isSlow = false;
    const counted = busy(() => (isSlow ? gate.promise : Promise.resolve()));
    const holders = new RecentHolders(counted.q);
    expect((await holders.find(key, BEGAN))?.id).toBe(id);
    const before = counted.asked;
    expect((await holders.find(key, BEGAN + 999))?.id).toBe(id);
    expect(counted.asked).toBe(before);
    isSlow = true;
    for (const later of [1_000, 2_000, 4_999]) expect((await holders.find(key, BEGAN + later))?.id).toBe(id);
    // All of them share one question.
    expect(counted.asked).toBe(before + 1);
    gate.resolve();
  });

  it('is not said of what the ledger has not said for five seconds: who asks then waits', async () => {
    const { key, id } = await newKey();
    const gate = Promise.withResolvers<void>();
    let isSlow = false;
    const holders = new RecentHolders(busy(() => (isSlow ? gate.promise : Promise.resolve())).q);
    await holders.find(key, BEGAN);
    isSlow = true;
    let answered = false;
    const asked = holders.find(key, BEGAN + 5_000).then((holder) => {
      answered = true;
      return holder;
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(answered).toBe(false);
    gate.resolve();
    expect((await asked)?.id).toBe(id);
  });

  it('is nobody soon after the key was revoked, and at once where nobody had asked', async () => {
    const { key, id } = await newKey();
    const holders = new RecentHolders(db);
    await holders.find(key, BEGAN);
    await revokeApiKey(db, id, 'test');
    // Whoever asks a second later has the ledger asked; who asks after that knows.
    await holders.find(key, BEGAN + 1_000);
    await expect.poll(() => holders.find(key, BEGAN + 1_001)).toBeNull();
    expect(await new RecentHolders(db).find(key, BEGAN)).toBeNull();
  });

  it('is what the ledger says where the clock went back', async () => {
    const { key, id } = await newKey();
    const holders = new RecentHolders(db);
    await holders.find(key, BEGAN);
    await revokeApiKey(db, id, 'test');
    expect(await holders.find(key, BEGAN - 1)).toBeNull();
  });
});
