import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BUCKET, forged, Tampered, type Tampering, USAGE } from '../support/tampered-ledger.ts';
import { DATABASE_KINDS } from '../support/test-database.ts';

const ADDED = /entries were added that nobody posted/;
/** Where the last position of the bucket is. */
const HEAD = `(select position from head where bucket = ${BUCKET})`;

/** What reports charge, or relays tell, without a posting. */
const FORGERIES: readonly Tampering[] = [
  { what: 'an entry is forged at position 0', sql: forged(`'position', 0`), says: ADDED },
  { what: 'an entry is forged below 0', sql: forged(`'position', -7`), says: /position -7: entries were added/ },
  {
    what: 'an entry is forged in a bucket beyond',
    sql: forged(`'bucket', 77`),
    says: /Bucket 77, .*entries were added/,
  },
  {
    what: 'an entry is forged in a bucket below',
    sql: forged(`'bucket', -1`),
    says: /Bucket -1, .*entries were added/,
  },
  {
    what: 'an entry is forged at a position that another month has',
    sql: `select make_entry_month(202612); ${forged(`'position', 1, 'period', 202612`)}`,
    says: ADDED,
  },
  {
    what: 'an entry is put into another month',
    sql: `select make_entry_month(202612);
      update entry set period = 202612, billed_period = 202612 where bucket = ${BUCKET} and position = ${USAGE}`,
    says: /entries were changed/,
  },
  {
    what: 'a correction takes a charge back',
    sql: forged(`'position', ${HEAD} + 1, 'kind', 'r', 'revision', 9, 'coverage_before', 'i', 'cdr', null`),
    says: ADDED,
  },
  {
    what: 'an entry is forged with a posting beyond the head',
    sql: `${forged(`'position', ${HEAD} + 1`)};
      insert into posting select bucket, position, position + 1, now(), 'x', 1, sha256('x'), sha256('x')
      from head where bucket = ${BUCKET}`,
    says: /a posting was added that nobody made/,
  },
  {
    what: 'an entry is forged with a posting, and the head moved on',
    sql: `${forged(`'position', ${HEAD} + 1`)};
      insert into posting select bucket, position, position + 1, now(), 'x', 1, sha256('x'), sha256('x')
      from head where bucket = ${BUCKET};
      update head set position = position + 1, chain = sha256('x') where bucket = ${BUCKET}`,
    says: /the posting itself was changed/,
  },
  {
    what: 'the head is moved on without a posting',
    sql: `update head set position = position + 5 where bucket = ${BUCKET}`,
    says: /the posting was removed/,
  },
  {
    what: 'a posting is added within another',
    sql: `insert into posting select bucket, after, up_to - 1, posted_at, cause, form, digest, chain
      from posting where bucket = ${BUCKET} and after = 0`,
    says: /the posting itself was changed/,
  },
  {
    what: 'the first entries are said to be older than proofs',
    sql: `delete from posting where bucket = ${BUCKET} and after = 0;
      update proof_start set position = (select min(after) from posting where bucket = ${BUCKET}) where bucket = ${BUCKET}`,
    says: /the posting itself was changed/,
  },
  {
    what: 'where proofs begin is moved, and the entries go with it',
    sql: `update proof_start set position = 2 where bucket = ${BUCKET}`,
    says: /the posting itself was changed/,
  },
  {
    what: "a bucket's head is removed, with all that was posted",
    sql: `delete from head where bucket = ${BUCKET}`,
    says: /the head of the bucket, or where its proof begins, was removed[^]*entries were added[^]*a posting was added/,
  },
  {
    what: 'a bucket is made anew with its entries removed',
    sql: `delete from entry where bucket = ${BUCKET}; delete from posting where bucket = ${BUCKET};
      insert into relay_cursor select 'usage', bucket, position from head where bucket = ${BUCKET};
      update head set position = 0, chain = '' where bucket = ${BUCKET}`,
    says: /relays, or a restore, went further than the ledger does/,
  },
  {
    what: 'a cursor is put ahead, so that relays pass over what comes',
    sql: `insert into relay_cursor values ('event', 3, 900)`,
    says: /Bucket 3, positions 1 to 900: relays, or a restore, went further/,
  },
  {
    what: 'an account has the id of another',
    sql: `update account set id = id || '-x' where no = (select account from entry where bucket = ${BUCKET} limit 1)`,
    says: /Table account, no \d+: its id is of another bucket/,
  },
  {
    what: "a line is another account's",
    sql: `update line set account = (select max(no) from account), bucket = (select bucket from account order by no desc limit 1)
      where no = (select min(line) from entry where account <> (select max(no) from account))`,
    says: /Table line, no \d+: entries name it under an account or in a bucket that is not the line's/,
  },
  {
    what: 'a deck has other prices',
    sql: `update rate_deck set document = replace(document, '0.02', '0.03')`,
    says: /Table rate_deck, no 1: its document is not of its version/,
  },
  {
    what: 'an offer includes something else',
    sql: `update offer set document = jsonb_set(document, '{name}', '"x"')`,
    says: /Table offer, no 1: its document is not of its version/,
  },
];

describe.each(DATABASE_KINDS)('what an owner forges on %s', (kind) => {
  let ledger: Tampered;
  beforeAll(async () => (ledger = await Tampered.rated(kind)));
  afterAll(() => ledger.drop());

  it.each(FORGERIES)('is found by verify: $what', async ({ sql, says }) => {
    const undo = await ledger.tamper(sql);
    const { exitCode, stderr } = await ledger.run('verify');
    await undo();
    expect(stderr).toMatch(says);
    expect(exitCode).toBe(1);
  });

  it('leaves nothing behind that these tests did', async () => {
    expect(await ledger.run('verify')).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it('tells by a kept proof when names were exchanged, and when a bucket that had nothing begins elsewhere', async () => {
    const { stdout } = await ledger.run('verify', '--json');
    writeFileSync(join(ledger.folder, 'kept.json'), stdout);
    const undo = await ledger.tamper(`update destination set name = name || 'x' where no in (1, 2)`);
    const named = await ledger.run('verify', '--against', 'kept.json');
    await undo();
    expect(named.stderr).toMatch(/^Table destination, no \d+: the names up to here are not as kept\n$/);
    const proof = JSON.parse(stdout) as { proofs: { bucket: number; position: number; chain: string }[] };
    const proofs = proof.proofs.map((one) => (one.bucket === 5 ? { ...one, position: 9, chain: '' } : one));
    writeFileSync(join(ledger.folder, 'kept.json'), JSON.stringify({ ...proof, proofs }));
    const begun = await ledger.run('verify', '--against', 'kept.json');
    expect([begun.exitCode, begun.stderr]).toEqual([1, expect.stringContaining('the posting was removed')]);
    writeFileSync(join(ledger.folder, 'kept.json'), JSON.stringify({ ...proof, proofs: proofs.slice(1) }));
    const part = await ledger.run('verify', '--against', 'kept.json');
    expect([part.exitCode, part.stderr]).toEqual([1, expect.stringContaining(`it lacks bucket '0'`)]);
  });
});
