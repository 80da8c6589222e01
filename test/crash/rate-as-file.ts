import { writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openDatabase } from '../../ledger/index.ts';
import type { OracleResult } from '../support/oracle/oracle-types.ts';
import { runOn, withDatabase } from '../support/postgres.ts';
import { checkWaitingLegs } from './check-calls-of-legs.ts';
import { type Cluster, command } from './cluster.ts';
import { compareWithOracle, type Difference } from './compare.ts';
import { SWITCH_OF_LEGS } from './make-calls-of-legs.ts';
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
  { linesInTheEnd, ofLegs }: CrashMonth,
  records: readonly LoggedRecord[],
  expected: OracleResult,
): Promise<Difference[]> {
  const url = withDatabase(postgres.url, DATABASE);
  const file = join(linesInTheEnd, 'logged.ndjson');
  await writeFile(file, Buffer.concat(records.flatMap(({ bytes }) => [bytes, LF])));
  await runOn(postgres.url, `create database ${DATABASE}`);
  await command(linesInTheEnd, ['lines', 'import', linesInTheEnd, '--database', url]);
  await command(linesInTheEnd, ['rate', file, '--format', 'canonical-ndjson', '--database', url]);
  const rows = writeLines(linesInTheEnd, 'rows.csv', ofLegs.rows);
  const said = ['--switch', SWITCH_OF_LEGS, '--zone', 'UTC', '--trunk', 'PJSIP/op'];
  await command(linesInTheEnd, ['rate', rows, '--format', 'asterisk-csv', ...said, '--database', url]);
  const texts = writeLines(linesInTheEnd, 'registrations.ndjson', ofLegs.registrationTexts);
  await command(linesInTheEnd, ['rate', texts, '--format', 'registrations', '--database', url]);
  const db = await openDatabase({ url });
  try {
    const differences = [...(await compareWithOracle(db, expected)), ...(await checkWaitingLegs(db, ofLegs, expected))];
    return differences.map(({ of, text }) => ({ of, text: `as a file: ${text}` }));
  } finally {
    await db.close();
  }
}

function writeLines(folder: string, name: string, texts: readonly string[]): string {
  const file = join(folder, name);
  writeFileSync(file, texts.map((text) => `${text}\n`).join(''));
  return file;
}
