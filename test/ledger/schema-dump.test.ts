import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../ledger/index.ts';
import { schemaText } from '../support/schema-text.ts';
import { DATABASE_KINDS, openTestDatabase } from '../support/test-database.ts';

const SCHEMA = new URL('../schema.sql', import.meta.url);
const HEADER = `-- The schema after all migrations, for reviewers. Written by
-- UPDATE_SCHEMA=1 npx vitest run test/ledger/schema-dump.test.ts\n\n`;

describe.each(DATABASE_KINDS)('schema on %s', (kind) => {
  let db: Database;
  beforeAll(async () => {
    db = await openTestDatabase(kind);
  });
  afterAll(() => db.close());

  it('is what test/schema.sql says', async () => {
    const schema = HEADER + (await schemaText(db));
    if (process.env['UPDATE_SCHEMA'] === '1') await writeFile(SCHEMA, schema);
    expect(schema).toBe(await readFile(SCHEMA, 'utf8'));
  });
});
