import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openDatabase } from '../../ledger/index.ts';
import type { OracleResult } from '../support/oracle/oracle-types.ts';
import { runOn, withDatabase } from '../support/postgres.ts';
import { type Cluster, command } from './cluster.ts';
import { compareWithOracle, type Difference } from './compare.ts';
import type { CrashMonth } from './make-month.ts';
import type { LoggedRecord } from './read-topic.ts';

const DATABASE = 'as_file';
const LF = Buffer.from('\n');

/**
 * Rates the records of the logs once more, as a file and with nothing in the way, into a ledger of its own: it must
 * be the same.
 */
export async function compareAsFile(
  { postgres }: Cluster,
  { linesInTheEnd }: CrashMonth,
  records: readonly LoggedRecord[],
  expected: OracleResult,
): Promise<Difference[]> {
  const url = withDatabase(postgres.url, DATABASE);
  const file = join(linesInTheEnd, 'logged.ndjson');
  await writeFile(file, Buffer.concat(records.flatMap(({ bytes }) => [bytes, LF])));
  await runOn(postgres.url, `create database ${DATABASE}`);
  await command(linesInTheEnd, ['lines', 'import', linesInTheEnd, '--database', url]);
  await command(linesInTheEnd, ['rate', file, '--format', 'canonical-ndjson', '--database', url]);
  const db = await openDatabase({ url });
  try {
    const differences = await compareWithOracle(db, expected);
    return differences.map(({ of, text }) => ({ of, text: `as a file: ${text}` }));
  } finally {
    await db.close();
  }
}
