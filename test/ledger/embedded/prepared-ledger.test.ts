import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Database,
  isStrangeCopy,
  migrate,
  openDatabase,
  readLives,
  settleFirstHome,
} from '../../../ledger/index.ts';
import { currentHome } from '../../../ledger/sources/home-store.ts';
import { hasPreparedLedger } from '../../../ledger/embedded/prepared-ledger.ts';
import { schemaText } from '../../support/schema-text.ts';
import { openTestDatabase } from '../../support/test-database.ts';

describe('a ledger that begins as the prepared one', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fairtally-begun-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function begun(name: string): Promise<Database> {
    return openDatabase({ directory: join(folder, name), isPrepared: true });
  }

  it('has the schema of one that was made step by step, and no migration to run', async () => {
    expect(await hasPreparedLedger()).toBe(true);
    const [prepared, made] = [await begun('whole'), await openTestDatabase('pglite')];
    try {
      expect(await migrate(prepared)).toEqual([]);
      expect(await schemaText(prepared)).toBe(await schemaText(made));
    } finally {
      await Promise.all([prepared.close(), made.close()]);
    }
  });

  it('is another than its siblings: its cluster, its life, its first day', async () => {
    const before = Date.now();
    const told = [];
    for (const name of ['first', 'second']) {
      const db = await begun(name);
      const [migration] = await db.query<{ ranAt: number }>('select min(ran_at) as "ranAt" from migration');
      await settleFirstHome(db);
      told.push({ home: await currentHome(db), lives: await readLives(db), ranAt: migration?.ranAt ?? 0 });
      await db.close();
    }
    const [first, second] = told;
    expect(first?.home.cluster).not.toBe(second?.home.cluster);
    expect(first?.lives[0]?.id).not.toBe(second?.lives[0]?.id);
    expect(first?.ranAt).toBeGreaterThanOrEqual(before - 1);
  });

  it('is at home when it is opened again, and its log goes on', async () => {
    const where = { directory: join(folder, 'again'), isPrepared: true };
    const db = await openDatabase(where);
    await settleFirstHome(db);
    await db.exec(`create table kept (n int); insert into kept select generate_series(1, 1000)`);
    await db.close();
    const again = await openDatabase(where);
    const [row] = await again.query<{ sum: number }>('select sum(n)::int as sum from kept');
    expect([row?.sum, await isStrangeCopy(again)]).toEqual([500_500, false]);
    expect(existsSync(join(where.directory, 'fairtally-lock', 'unfinished'))).toBe(false);
    await again.close();
  });

  it('protects what it protects from the beginning', async () => {
    const db = await begun('guarded');
    for (const change of ['update ledger_life set note = note', 'update migration set name = name']) {
      await expect(db.exec(change)).rejects.toMatchObject({ code: 'append-only' });
    }
    await db.close();
  });
});
