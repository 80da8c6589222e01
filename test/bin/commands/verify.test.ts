import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BUCKET, forged, Tampered, type Tampering, USAGE } from '../../support/tampered-ledger.ts';
import { DATABASE_KINDS } from '../../support/test-database.ts';

const TAMPERINGS: readonly Tampering[] = [
  {
    what: 'a charge is changed',
    sql: `update entry set coverage = 'm', charge = 7 where bucket = ${BUCKET} and position = ${USAGE}`,
    says: /entries were changed\n {2}position \d+, call [0-9a-f]{16}: contradicts itself in charge/,
  },
  {
    what: 'a duration is changed',
    sql: `update entry set duration_ms = duration_ms + 1 where bucket = ${BUCKET} and position = ${USAGE}`,
    says: /contradicts itself in duration_ms/,
  },
  {
    what: 'a record is changed',
    sql: `update entry set cdr = replace(cdr, '+336', '+337') where bucket = ${BUCKET} and position = ${USAGE}`,
    says: /entries were changed/,
  },
  {
    what: 'a call is given to another line',
    sql: `update entry set line = line + 1 where bucket = ${BUCKET} and position = ${USAGE}`,
    says: /entries were changed/,
  },
  {
    what: 'an entry is removed',
    sql: `delete from entry where bucket = ${BUCKET} and position = ${USAGE}`,
    says: /position \d+, posted .* for 'delivery file:.*': entries were removed/,
  },
  {
    what: 'the last entries are removed',
    sql: `delete from entry where bucket = ${BUCKET} and position > (select position - 3 from head where bucket = ${BUCKET})`,
    says: /entries were removed/,
  },
  {
    what: 'the last entries are removed with their posting, and the head set back',
    sql: `create temp table gone as select * from posting where bucket = ${BUCKET} order by up_to desc limit 1;
      delete from entry e using gone g where e.bucket = g.bucket and e.position > g.after;
      delete from posting p using gone g where p.bucket = g.bucket and p.up_to = g.up_to;
      update head set position = g.after from gone g where head.bucket = g.bucket`,
    says: /the posting itself was changed/,
  },
  {
    what: 'an entry is added beyond the head',
    sql: `insert into entry select (e).* from (
        select jsonb_populate_record(entry, jsonb_build_object('position', 1000000, 'identity', 1)) as e
        from entry where bucket = ${BUCKET} and position = ${USAGE}) as added`,
    says: /entries were added that nobody posted/,
  },
  {
    what: 'two entries change places',
    sql: `update entry set position = position + 900000 where bucket = ${BUCKET} and position = 1;
      update entry set position = 1 where bucket = ${BUCKET} and position = 2;
      update entry set position = 2 where bucket = ${BUCKET} and position = 900001`,
    says: /entries were changed/,
  },
  {
    what: "a posting's digest is made anew, and its chain is not",
    sql: `update posting set digest = sha256('x') where bucket = ${BUCKET} and after = 0`,
    says: /the posting itself was changed/,
  },
  {
    what: 'a posting says another time',
    sql: `update posting set posted_at = posted_at - interval '1 day' where bucket = ${BUCKET} and after = 0`,
    says: /the posting itself was changed/,
  },
  {
    what: 'a posting in the middle is removed',
    sql: `delete from posting where bucket = ${BUCKET} and after > 0 and up_to = (
        select min(up_to) from posting where bucket = ${BUCKET} and after > 0)`,
    says: /the posting was removed/,
  },
  // More of these: test/hostile/proof.test.ts.
  {
    what: 'an entry is forged at position 0',
    sql: forged(`'position', 0`),
    says: /entries were added that nobody posted/,
  },
  { what: 'an entry is forged in bucket 77', sql: forged(`'bucket', 77`), says: /Bucket 77, .*entries were added/ },
];

/** Embedded, where a command opens and closes the ledger, one of each finding. */
const EMBEDDED = [...new Map(TAMPERINGS.toReversed().map((one) => [one.says.source, one])).values()];

describe.each(DATABASE_KINDS)('fairtally verify on %s', (kind) => {
  let ledger: Tampered;
  beforeAll(async () => (ledger = await Tampered.rated(kind)));
  afterAll(() => ledger.drop());

  it('holds every entry against what was posted', async () => {
    const { exitCode, stdout } = await ledger.run('verify');
    expect(stdout).toMatch(
      /Ledger [0-9a-f-]{36}: 2,\d+ entries held against what was posted\nNothing was tampered with\n/,
    );
    expect(exitCode).toBe(0);
  });

  it.each(kind === 'postgres' ? TAMPERINGS : EMBEDDED)('tells when $what', async ({ sql, says }) => {
    const undo = await ledger.tamper(sql);
    const { exitCode, stderr } = await ledger.run('verify');
    await undo();
    expect(stderr).toMatch(says);
    expect(exitCode).toBe(1);
  });

  it('tells by a kept proof when all digests were made anew', async () => {
    const { stdout } = await ledger.run('verify', '--json');
    writeFileSync(join(ledger.folder, 'proof.json'), stdout);
    expect(await ledger.run('verify', '--against', 'proof.json')).toMatchObject({ exitCode: 0 });
    const undo = await ledger.tamper(
      `update entry set called = called + 1 where bucket = ${BUCKET} and position = ${USAGE}`,
    );
    await ledger.makeDigestsAnew();
    expect(await ledger.run('verify')).toMatchObject({ exitCode: 0 });
    const against = await ledger.run('verify', '--against', 'proof.json');
    await undo();
    expect(against.stderr).toContain('it is not what the kept proof says');
    expect(against.exitCode).toBe(1);
  });

  it('refuses what is no proof, and the proof of another ledger', async () => {
    writeFileSync(join(ledger.folder, 'no-proof.json'), '{"proofs":1}');
    const no = await ledger.run('verify', '--against', 'no-proof.json');
    expect(no).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("it is not what 'fairtally verify --json'"),
    });
    writeFileSync(join(ledger.folder, 'other.json'), '{"ledger":"other","proofs":[]}');
    const other = await ledger.run('verify', '--against', 'other.json');
    expect(other).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("it is of ledger 'other'") });
    expect(await ledger.run('verify', '--against', 'none.json')).toMatchObject({ exitCode: 1 });
  });
});
