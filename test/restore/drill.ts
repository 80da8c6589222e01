import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { rekeyedReader } from '../../ingest/kafka/rekeyed-reader.ts';
import { openDatabase } from '../../ledger/index.ts';
import { checkBroken, checkCounts, checkFeed, checkPositions, checkRekeyed } from '../crash/check-ledger.ts';
import { ANY_MONTH, command } from '../crash/cluster.ts';
import { compareWithOracle, type Difference } from '../crash/compare.ts';
import { FairtallyProcess } from '../crash/fairtally-process.ts';
import { judgeRecords } from '../crash/judge-month.ts';
import { ask, readProgress, REKEYED_TOPIC, takenIn, untilQuiet } from '../crash/ledger-progress.ts';
import { type CrashMonth, KEYED_TOPIC, makeMonth, type SwitchMessage, UNKEYED_TOPIC } from '../crash/make-month.ts';
import { until } from '../crash/patience.ts';
import { produceMessages } from '../crash/produce-messages.ts';
import { readRecords, readTopic } from '../crash/read-topic.ts';
import { shortSettings } from '../crash/settings.ts';
import { runCommand } from '../bin/run-command.ts';
import { startKafka } from '../support/kafka.ts';
import { withDatabase } from '../support/postgres.ts';
import { ownServerWays } from '../support/servers/server-ways.ts';
import { type BackupWay, DATABASE } from './backups.ts';
import { compareReaders } from './reader.ts';

const PATIENCE_MS = 240_000;

/** What a drill found. */
export interface DrillReport {
  readonly differences: readonly Difference[];
  /** Entries that the ledger had told of before it was lost, and that the restored one has not. */
  readonly entriesLost: number;
  readonly entries: number;
}

/**
 * A month through Kafka, two workers and a relay; a backup is taken while they write; the database is lost a good while
 * after, and restored; what goes on from Kafka must end where the oracle does, and readers of the relay's topics too.
 */
export async function drill(way: BackupWay, seed: string, log: (text: string) => void): Promise<DrillReport> {
  const folder = await mkdtemp(join(tmpdir(), 'fairtally-drill-'));
  log(`seed '${seed}', in ${folder}`);
  const month = await makeMonth(join(folder, 'month'), {
    ...shortSettings(seed),
    ofLegs: 0,
    calls: 6000,
    lines: 60,
  });
  const kafka = await startKafka({ ways: ownServerWays() });
  try {
    const report = await drillWith(way, month, { folder, brokers: kafka.address, log });
    if (report.differences.length === 0) await rm(folder, { recursive: true, force: true });
    else log(`what the processes said is in ${folder}`);
    return report;
  } finally {
    await kafka.close();
  }
}

interface DrillPlace {
  readonly folder: string;
  readonly brokers: string;
  readonly log: (text: string) => void;
}

async function drillWith(
  way: BackupWay,
  month: CrashMonth,
  { folder, brokers, log }: DrillPlace,
): Promise<DrillReport> {
  const client = new Kafka({ clientId: 'drill', brokers: brokers.split(','), logLevel: logLevel.NOTHING });
  const [first, second, third, last] = quarters(month.messages);
  const topics = ['--brokers', brokers, '--topic', KEYED_TOPIC, '--topic', `${UNKEYED_TOPIC},key=other`];
  const lost = await way.start();
  let toldOf = 0;
  try {
    const url = withDatabase(lost.url, DATABASE);
    await command(folder, ['setup', '--database', url]);
    await command(folder, ['topics', 'create', ...topics, '--partitions', '8']);
    await command(folder, ['lines', 'import', month.linesInTheEnd, '--database', url]);
    const processes = processesOf('before', folder, topics, brokers, url);
    for (const one of processes) one.start();
    try {
      await produceMessages(client, first);
      if (!(await until(async () => (await takenIn(url)) > 0, PATIENCE_MS)))
        throw new Error('Cannot drill: no progress');
      log('backup, while workers write');
      await Promise.all([way.take(lost), produceMessages(client, second)]);
      if (!(await untilQuiet(client, url, PATIENCE_MS))) throw new Error('Cannot drill: no rest before the point');
      await way.markPoint(lost);
      await produceMessages(client, third);
      if (!(await untilQuiet(client, url, PATIENCE_MS))) throw new Error('Cannot drill: no rest before the fault');
      const [told] = await ask<{ told: string }>(
        url,
        `select sum(position) as told from relay_cursor where feed = 'usage'`,
      );
      toldOf = Number(told?.told);
      log(`the database is lost; ${toldOf} entries were told`);
      await lost.kill();
    } finally {
      await Promise.all(processes.map((one) => one.kill()));
    }
  } finally {
    await lost.close();
  }
  const restored = await way.restore();
  try {
    const url = withDatabase(restored.url, DATABASE);
    const entriesLost = toldOf - (await entriesIn(url));
    const differences = await goOn({ month, client, folder, topics, brokers, url, log }, last);
    return { differences, entriesLost, entries: await entriesIn(url) };
  } finally {
    await restored.close();
  }
}

interface Restored extends DrillPlace {
  readonly month: CrashMonth;
  readonly client: Kafka;
  readonly topics: readonly string[];
  readonly url: string;
}

/** Follows docs/operations.md, "After a restore", and compares. */
async function goOn(
  { month, client, folder, topics, brokers, url, log }: Restored,
  last: readonly SwitchMessage[],
): Promise<Difference[]> {
  const processes = processesOf('after', folder, topics, brokers, url);
  const relay = processes.at(-1)!;
  for (const one of processes) one.start();
  const faults: Difference[] = [];
  try {
    log('the restored ledger goes on');
    if (!(await until(async () => relay.hasSaid('fairtally restored'), PATIENCE_MS))) {
      faults.push({ of: 'told', text: 'the relay did not say that the ledger is a copy' });
    }
    await command(folder, ['restored', '--by', 'drill', '--note', 'the database was lost', '--database', url]);
    await produceMessages(client, last);
    if (!(await untilQuiet(client, url, PATIENCE_MS)))
      faults.push({ of: 'positions', text: 'no rest after the restore' });
    const health = await runCommand(folder, ['verify', '--database', url]);
    if (health.exitCode !== 0) faults.push({ of: 'feed', text: `verify: ${health.stderr}` });
  } finally {
    for (const one of processes) await one.stop();
  }
  log('comparing');
  const records = [...(await readRecords(client, KEYED_TOPIC)), ...(await readRecords(client, UNKEYED_TOPIC))];
  const cdrs = records.flatMap(({ decoded }) => (decoded.kind === 'call' ? [decoded.cdr] : []));
  const rekeyed = rekeyedReader.read(await readTopic(client, REKEYED_TOPIC));
  const db = await openDatabase({ url });
  try {
    return [
      ...faults,
      ...checkPositions(await readProgress(client, url)),
      ...(await compareWithOracle(db, judgeRecords(cdrs, month.lines))),
      ...(await checkCounts(db, records, rekeyed)),
      ...checkRekeyed(records, rekeyed),
      ...(await checkBroken(db, records)),
      ...(await checkFeed(db)),
      ...(await compareReaders(client, db)),
      ...processes.flatMap((one) => one.faults.map((text): Difference => ({ of: 'processes', text }))),
    ];
  } finally {
    await db.close();
  }
}

/** Two workers and, last, a relay. */
function processesOf(
  name: string,
  folder: string,
  topics: readonly string[],
  brokers: string,
  url: string,
): FairtallyProcess[] {
  const pace = ['--batch-records', '100', '--linger-ms', '20', '--session-ms', '6000'];
  const workers = [1, 2].map(
    (no) =>
      new FairtallyProcess(
        `worker-${no}-${name}`,
        ['worker', ...topics, '--database', url, ...pace, ...ANY_MONTH],
        join(folder, `worker-${no}-${name}.log`),
      ),
  );
  const relayArgs = ['relay', '--brokers', brokers, '--database', url];
  return [...workers, new FairtallyProcess(`relay-${name}`, relayArgs, join(folder, `relay-${name}.log`))];
}

async function entriesIn(url: string): Promise<number> {
  const [row] = await ask<{ count: string }>(url, 'select count(*) as count from entry');
  return Number(row?.count);
}

function quarters(messages: readonly SwitchMessage[]) {
  const part = (at: number) =>
    messages.slice(Math.floor((at * messages.length) / 4), Math.floor(((at + 1) * messages.length) / 4));
  return [part(0), part(1), part(2), part(3)] as const;
}
