import { createWriteStream, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { accountName } from './account-names.ts';
import { castLines, castOf, type CastLine } from './cast-lines.ts';
import { emitScene, factsAt, type NoiseRates } from './emit-scene.ts';
import { emitEarlierMonths, monthsBefore } from './earlier-months.ts';
import { emitStrays } from './emit-strays.ts';
import type { Emit } from './emitted-record.ts';
import {
  type Expected,
  type ExpectedCounts,
  type ExpectedLine,
  expectedLine,
  expectedText,
  FateTally,
} from './expected.ts';
import { layOutMonth } from './month-calendar.ts';
import { profileNamed } from './profiles.ts';
import { accountRow, provisioningHeaders, provisioningRows } from './provisioning-rows.ts';
import { Random } from './random.ts';
import { RecordSorter } from './record-sorter.ts';
import { weekPatterns } from './week-pattern.ts';

export interface MonthOptions {
  /** Any text; equal options give equal files, byte for byte. */
  readonly seed: string;
  /** yyyymm, in the years 2003 to 2058. */
  readonly period: number;
  /** At least `MIN_LINES`. */
  readonly lines: number;
  /** About how many calls; lines that play a special part call what they must. */
  readonly calls: number;
  readonly noise: NoiseRates;
  /** Whether the order of delivery is any at all, instead of nearly that of time. */
  readonly isShuffled: boolean;
  readonly isGzip: boolean;
  /** In how many months before lines that break a condition called as well; none where nothing is said. */
  readonly earlierMonths?: number;
}

/** Fewer lines would not play every part. */
export const MIN_LINES = 60;
const DAY = 86_400_000;
/** About the bytes of a call with all that is written around it. */
const BYTES_A_CALL = 320;

const FILE_NAMES = [
  'accounts.csv',
  'lines.csv',
  'devices.csv',
  'networks.csv',
  'calls.ndjson',
  'calls.ndjson.gz',
  'expected.json',
];

/** Begins the name of the folder for records that wait to be sorted, within the one that is written into. */
export const SORTING_PREFIX = '.sorting-';

/** The names of files in `folder` that the month would overwrite. */
export function filesInTheWay(folder: string): string[] {
  return FILE_NAMES.filter((name) => existsSync(join(folder, name)));
}

/**
 * Writes a month of traffic into `folder`, which is made if need be: `accounts.csv`, `lines.csv`, `devices.csv`,
 * `networks.csv`, `calls.ndjson` or `calls.ndjson.gz`, and what must come of it all, `expected.json`. Lines are planned
 * one after the other and their records sorted on disk: memory grows with the lines, not with the calls.
 */
export async function generateMonth(folder: string, options: MonthOptions): Promise<ExpectedCounts> {
  mkdirSync(folder, { recursive: true });
  const spillFolder = mkdtempSync(join(folder, SORTING_PREFIX));
  try {
    const { sorter, expected, provisioning } = planMonth(options, spillFolder);
    for (const [name, text] of Object.entries(provisioning)) writeFileSync(join(folder, `${name}.csv`), text);
    await writeCalls(sorter, join(folder, options.isGzip ? 'calls.ndjson.gz' : 'calls.ndjson'), options.isGzip);
    writeFileSync(join(folder, 'expected.json'), expectedText(expected));
    return expected.records;
  } finally {
    rmSync(spillFolder, { recursive: true, force: true });
  }
}

interface PlannedMonth {
  readonly sorter: RecordSorter;
  readonly expected: Expected;
  readonly provisioning: Readonly<Record<'accounts' | 'lines' | 'devices' | 'networks', string>>;
}

function planMonth(options: MonthOptions, spillFolder: string): PlannedMonth {
  const { seed, period, isShuffled, noise } = options;
  const calendar = layOutMonth(period);
  const patterns = weekPatterns(calendar);
  const castList = castLines(seed, options.lines, options.calls);
  const before = monthsBefore(period, options.earlierMonths ?? 0);
  const start = before.at(-1)?.calendar.start ?? calendar.start;
  const keys = isShuffled ? { from: 0, to: 1 } : { from: start - DAY, to: calendar.end + DAY };
  const sorter = new RecordSorter({ ...keys, bytes: options.calls * BYTES_A_CALL, folder: spillFolder });
  const tally = new FateTally();
  const order = new Random(seed, 'order');
  const emit: Emit = ({ text, at, fate }) => {
    tally.add(fate);
    sorter.add(isShuffled ? order.fraction() : at, text);
  };
  const provisioning = { ...provisioningHeaders, accounts: provisioningHeaders.accounts + accountRows(seed, castList) };
  const texts: Record<'lines' | 'devices' | 'networks', string[]> = {
    lines: [provisioning.lines],
    devices: [provisioning.devices],
    networks: [provisioning.networks],
  };
  const callsByPeriod = new Map<number, number>();
  const countCall = (called: number): void => {
    callsByPeriod.set(called, (callsByPeriod.get(called) ?? 0) + 1);
  };
  const lines: ExpectedLine[] = [];
  for (const castLine of castList) {
    const cast = castOf(seed, castLine, castList, calendar, patterns);
    const scene = profileNamed(castLine.profile)(cast);
    emitScene(cast, scene, noise, castLine.profile === 'edges', emit);
    lines.push(expectedLine(castLine, accountId(castLine.account), cast, scene));
    for (const { startedAt } of scene.calls) {
      if (factsAt(scene.facts, startedAt, cast) === null) continue;
      countCall(calendar.periodOf(startedAt));
    }
    emitEarlierMonths(seed, castLine, castList, scene, before, emit, countCall);
    const rows = provisioningRows(castLine.id, accountId(castLine.account), scene, calendar);
    texts.lines.push(rows.lines);
    texts.devices.push(rows.devices);
    texts.networks.push(rows.networks);
  }
  emitStrays(seed, unchangingLines(castList), options.calls, calendar, emit);
  const month = `${Math.floor(period / 100)}-${String(period % 100).padStart(2, '0')}`;
  return {
    sorter,
    expected: {
      v: 1,
      seed,
      period: month,
      offer: 'full-illimite',
      records: tally.counts(),
      callsByPeriod: Object.fromEntries(callsByPeriod),
      lines,
    },
    provisioning: {
      accounts: provisioning.accounts,
      lines: texts.lines.join(''),
      devices: texts.devices.join(''),
      networks: texts.networks.join(''),
    },
  };
}

function accountId(account: number): string {
  return `A${String(account).padStart(5, '0')}`;
}

function accountRows(seed: string, castList: readonly CastLine[]): string {
  const accounts = new Set(castList.map(({ account }) => account));
  return [...accounts].map((account) => accountRow(accountId(account), accountName(seed, account))).join('');
}

/** Lines that are there all month, for records that fail for another reason. */
function unchangingLines(castList: readonly CastLine[]): string[] {
  return castList.filter(({ profile }) => profile === 'idle' || profile === 'office').map(({ id }) => id);
}

async function writeCalls(sorter: RecordSorter, path: string, isGzip: boolean): Promise<void> {
  // One bucket ahead: by default sixteen would wait in memory.
  const sorted = Readable.from(sorter.sorted(), { highWaterMark: 1 });
  const file = createWriteStream(path);
  await (isGzip ? pipeline(sorted, createGzip({ level: 6 }), file) : pipeline(sorted, file));
}
