import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canonicalNdjson } from '../../../formats/canonical/canonical-ndjson.ts';
import { openDatabase } from '../../../ledger/index.ts';
import { Random } from '../../../traffic/random.ts';
import { checkFeed, checkProof } from '../check-ledger.ts';
import { compareWithOracle, type Difference } from '../compare.ts';
import { judgeRecords } from '../judge-month.ts';
import { linesOfFile, makeMonth } from '../make-month.ts';
import { patiently, until } from '../patience.ts';
import type { CrashReport } from '../report.ts';
import { shortSettings } from '../settings.ts';
import { type ApiCluster, apiProcesses, startApiCluster } from './api-cluster.ts';
import { doApiFault, planApiFaults, type ApiCrashSettings } from './api-faults.ts';
import { checkRead } from './check-read.ts';
import { postAll } from './posting-switch.ts';

const REST_MS = 240_000;
const SWITCHES = 4;

/**
 * Four switches post a month to two servers of the API and billing pulls what is rated, while servers, reader and
 * database are killed. Then the ledger is compared with the oracle, and what the reader kept with the ledger.
 */
export async function runApiCrashTest(settings: ApiCrashSettings, log: (text: string) => void): Promise<CrashReport> {
  const folder = await mkdtemp(join(tmpdir(), 'fairtally-crash-api-'));
  log(`seed '${settings.seed}', the API, in ${folder}`);
  const cluster = await startApiCluster(folder);
  try {
    const report = await runAndCompare(cluster, folder, settings, log);
    if (report.differences.length === 0) await rm(folder, { recursive: true, force: true });
    else log(`what the processes said is in ${folder}`);
    return report;
  } finally {
    await cluster.close();
  }
}

async function runAndCompare(
  cluster: ApiCluster,
  folder: string,
  settings: ApiCrashSettings,
  log: (text: string) => void,
): Promise<CrashReport> {
  const { seed, calls } = settings;
  const begunAt = Date.now();
  const month = await makeMonth(join(folder, 'month'), { ...shortSettings(seed), calls });
  const records = month.messages.flatMap(({ value }) => linesOfFile(value));
  await cluster.importLines(month.linesInTheEnd);
  for (const process of apiProcesses(cluster)) process.start();
  const tally = { posts: 0, repeats: 0, lost: 0 };
  const posting = { apis: cluster.apis, key: cluster.key, tally };
  const posted = Promise.all(
    Array.from({ length: SWITCHES }, (_, no) =>
      postAll(
        records.filter((_record, index) => index % SWITCHES === no),
        { ...posting, name: `switch-${no}`, random: new Random(seed, `posts-${no}`) },
      ),
    ),
  );
  let isPosted = false;
  const over = posted.then(() => void (isPosted = true));
  const faults = await doFaults(cluster, settings, log, () => isPosted);
  await over;
  for (const process of apiProcesses(cluster)) process.start();
  log(`${tally.posts} posts were answered, after ${tally.repeats} repeats, ${tally.lost} of them with answers lost`);
  const cdrs = records.flatMap((bytes) => {
    const decoded = canonicalNdjson.decode(bytes, 0, bytes.length);
    return decoded.kind === 'call' ? [decoded.cdr] : [];
  });
  const expected = judgeRecords(cdrs, month.lines);
  const db = await openDatabase({ url: cluster.url });
  try {
    const hasRead = await until(
      async () => (await checkRead(db, cluster.readFile, cluster.totals)).length === 0,
      REST_MS,
    );
    const differences: Difference[] = [
      ...(hasRead ? [] : await patiently(() => checkRead(db, cluster.readFile, cluster.totals))),
      ...(await compareWithOracle(db, expected)),
      ...(await checkFeed(db)),
      ...(await checkProof(db)),
    ];
    const starts = apiProcesses(cluster).reduce((sum, one) => sum + one.starts, 0);
    for (const process of apiProcesses(cluster)) await process.stop();
    const unasked = cluster.servers.flatMap(({ faults: own }) => own);
    const [entries] = await db.query<{ count: string }>('select count(*)::text as count from entry');
    return {
      seed,
      faults,
      starts,
      messages: tally.posts,
      records: records.length,
      calls: expected.calls.size,
      entries: Number(entries?.count),
      verdicts: expected.verdicts.length,
      tookMs: Date.now() - begunAt,
      differences: [...differences, ...unasked.map((text): Difference => ({ of: 'processes', text }))],
    };
  } finally {
    await db.close();
  }
}

/** Faults at moments of the seed's while the switches post, and the rest after they have. */
async function doFaults(
  cluster: ApiCluster,
  settings: ApiCrashSettings,
  log: (text: string) => void,
  isPosted: () => boolean,
): Promise<Map<string, number>> {
  const random = new Random(settings.seed, 'api-faults');
  const tally = new Map<string, number>();
  for (const kind of planApiFaults(settings)) {
    log(`${kind}${isPosted() ? ', all is posted' : ''}`);
    await doApiFault(kind, cluster, random, settings.pauseMs);
    tally.set(`${kind} killed`, (tally.get(`${kind} killed`) ?? 0) + 1);
  }
  return tally;
}
