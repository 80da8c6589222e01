import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rekeyedReader } from '../../ingest/kafka/rekeyed-reader.ts';
import { openDatabase } from '../../ledger/index.ts';
import { runChaos } from './chaos.ts';
import { checkCountsOf, checkSent, checkWaitingLegs } from './check-calls-of-legs.ts';
import {
  checkBroken,
  checkCounts,
  checkFeed,
  checkHoles,
  checkPositions,
  checkProof,
  checkRekeyed,
} from './check-ledger.ts';
import { checkEventsTold, checkUsageTold } from './check-told.ts';
import { type Cluster, command, processesOf, startCluster } from './cluster.ts';
import { compareWithOracle, type Difference } from './compare.ts';
import { judgeRecords } from './judge-month.ts';
import { ALL_SOURCES, readProgress, REKEYED_TOPIC, untilQuiet } from './ledger-progress.ts';
import {
  type CrashMonth,
  KEYED_TOPIC,
  LEGS_TOPIC,
  makeMonth,
  REGISTRATIONS_TOPIC,
  UNKEYED_LEGS_TOPIC,
  UNKEYED_TOPIC,
} from './make-month.ts';
import { compareAsFile } from './rate-as-file.ts';
import { readRecords, readTopic } from './read-topic.ts';
import type { CrashReport } from './report.ts';
import type { CrashSettings } from './settings.ts';

/** How long the system may take to come to rest once nothing is done to it any more. */
const REST_MS = 240_000;

/**
 * A month through Kafka and two workers into PostgreSQL while all of them are killed and stopped, then compared with
 * what the oracle says of the records that stand in the log. `log` is told what happens; what the processes said is
 * kept when something differs.
 */
export async function runCrashTest(settings: CrashSettings, log: (text: string) => void): Promise<CrashReport> {
  const folder = await mkdtemp(join(tmpdir(), 'fairtally-crash-'));
  log(`seed '${settings.seed}', in ${folder}`);
  const month = await makeMonth(join(folder, 'month'), settings);
  const cluster = await startCluster(folder, settings);
  try {
    const report = await runAndCompare(cluster, month, settings, log);
    if (report.differences.length === 0) await rm(folder, { recursive: true, force: true });
    else log(`what the processes said is in ${folder}`);
    return report;
  } finally {
    await cluster.close();
  }
}

async function runAndCompare(
  cluster: Cluster,
  month: CrashMonth,
  settings: CrashSettings,
  log: (text: string) => void,
): Promise<CrashReport> {
  const begunAt = Date.now();
  await command(month.linesAtFirst, ['lines', 'import', month.linesAtFirst, '--database', cluster.url]);
  const processes = [...cluster.workers, cluster.relay];
  const faults = await runChaos(cluster, month, settings, log);
  for (const one of processes) one.start();
  log('waiting for all to be taken in and told');
  const isQuiet = await untilQuiet(cluster.client, cluster.url, REST_MS, ALL_SOURCES);
  const noRest: Difference[] = isQuiet ? [] : [{ of: 'positions', text: `no rest within ${REST_MS / 1000} s` }];
  const starts = processesOf(cluster).reduce((sum, one) => sum + one.starts, 0);
  for (const one of processesOf(cluster)) await one.stop();
  const tookMs = Date.now() - begunAt;
  log('comparing');
  const { differences, ...figures } = await compareAll(cluster, month);
  return { seed: settings.seed, faults, starts, ...figures, tookMs, differences: [...noRest, ...differences] };
}

/** The ledger against the oracle, and against the logs. */
async function compareAll(
  cluster: Cluster,
  month: CrashMonth,
): Promise<Pick<CrashReport, 'messages' | 'records' | 'calls' | 'entries' | 'verdicts' | 'differences'>> {
  const { client, url } = cluster;
  const progress = await readProgress(client, url, ALL_SOURCES);
  const records = [...(await readRecords(client, KEYED_TOPIC)), ...(await readRecords(client, UNKEYED_TOPIC))];
  const cdrs = records.flatMap(({ decoded }) => (decoded.kind === 'call' ? [decoded.cdr] : []));
  const { ofLegs } = month;
  const expected = judgeRecords([...cdrs, ...ofLegs.billed], month.lines, ofLegs.registrations);
  const legs = await readTopic(client, LEGS_TOPIC);
  const unkeyedLegs = await readTopic(client, UNKEYED_LEGS_TOPIC);
  const registered = await readTopic(client, REGISTRATIONS_TOPIC);
  const db = await openDatabase({ url });
  try {
    const rekeyed = rekeyedReader.read(await readTopic(client, REKEYED_TOPIC));
    const differences = [
      ...checkPositions(progress),
      ...(await checkHoles(db)),
      ...(await compareWithOracle(db, expected)),
      ...(await checkCounts(db, records, rekeyed)),
      ...checkRekeyed(records, rekeyed),
      ...(await checkBroken(db, records)),
      ...checkSent(LEGS_TOPIC, [...legs, ...unkeyedLegs], ofLegs.rows),
      ...checkSent(REGISTRATIONS_TOPIC, registered, ofLegs.registrationTexts),
      ...(await checkCountsOf(db, LEGS_TOPIC, legs)),
      ...(await checkCountsOf(db, REGISTRATIONS_TOPIC, registered)),
      ...(await checkWaitingLegs(db, ofLegs, expected)),
      ...(await checkFeed(db)),
      ...(await checkProof(db)),
      ...(await checkUsageTold(client, db)),
      ...(await checkEventsTold(client, db)),
      ...(await compareAsFile(cluster, month, records, expected)),
      ...processesOf(cluster).flatMap(({ faults }) => faults.map((text): Difference => ({ of: 'processes', text }))),
    ];
    const [entries] = await db.query<{ count: string }>('select count(*)::text as count from entry');
    return {
      messages: progress.reduce((sum, { start, end }) => sum + end - start, 0),
      records: records.length + legs.length + unkeyedLegs.length + registered.length,
      calls: expected.calls.size,
      entries: Number(entries?.count),
      verdicts: expected.verdicts.length,
      differences,
    };
  } finally {
    await db.close();
  }
}
