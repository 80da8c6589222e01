import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Ledgers, type LedgerWithSource, recordOf } from '../engine/ledger-of-lines.ts';
import { checkProof } from './check-ledger.ts';

describe('checkProof()', () => {
  const ledgers = new Ledgers('postgres');
  let on: LedgerWithSource;
  beforeAll(async () => {
    on = await ledgers.openWithSource();
    await on.source.give(on.engine, recordOf('a'), recordOf('b'));
    await on.source.give(on.engine, recordOf('c'));
  });
  afterAll(() => ledgers.close());

  it('finds nothing in a ledger as it was posted', async () => {
    expect(await checkProof(on.db)).toEqual([]);
  });

  it('finds an entry that was changed, and entries that nothing proves', async () => {
    await on.db.exec('alter table entry disable trigger all; alter table posting disable trigger all');
    await on.db.exec('update entry set duration_ms = duration_ms + 1 where position = 1');
    const [changed] = await checkProof(on.db);
    expect(changed).toEqual({ of: 'proof', text: expect.stringContaining('"fault":"entries-changed"') });
    await on.db.exec(`delete from posting; update head set chain = ''`);
    const texts = (await checkProof(on.db)).map(({ text }) => text);
    expect(texts.filter((text) => text.includes('"fault":"entries-added"'))).toHaveLength(3);
    await on.db.exec(`alter table proof_start disable trigger all;
      update proof_start s set position = h.position from head h where h.bucket = s.bucket`);
    expect(await checkProof(on.db)).toEqual([
      { of: 'proof', text: expect.stringMatching(/^bucket \d+: 3 entries without a digest$/) },
    ]);
  });
});
