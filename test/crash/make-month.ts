import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultNoise } from '../../traffic/emit-scene.ts';
import { generateMonth } from '../../traffic/generate-month.ts';
import { Random } from '../../traffic/random.ts';
import { canonicalNdjson } from '../../formats/canonical/canonical-ndjson.ts';
import { parseProvisioning } from '../../services/provisioning/parse-provisioning.ts';
import type { Line } from '../../rater/index.ts';
import { compileCivilTime } from '../../tariffs/index.ts';
import { ownerOf } from '../support/oracle/find-calls.ts';
import { classify } from '../support/oracle-view.ts';
import { type CallsOfLegs, makeCallsOfLegs, provisionLinesOfLegs } from './make-calls-of-legs.ts';
import type { CrashSettings } from './settings.ts';

/** Keyed by account, as the workers are told. */
export const KEYED_TOPIC = 'cdr';
/** Keyed anyhow: it goes by way of the re-keying topic. */
export const UNKEYED_TOPIC = 'cdr.any';
/** Rows of an Asterisk, those of one call on different partitions. */
export const LEGS_TOPIC = 'pbx';
/** The same, by way of the re-keying topic. */
export const UNKEYED_LEGS_TOPIC = 'pbx.any';
export const REGISTRATIONS_TOPIC = 'registrations';

/** What a switch sends to Kafka: one record, or some. */
export interface SwitchMessage {
  readonly topic: string;
  readonly key: string;
  readonly value: Buffer;
}

export interface CrashMonth {
  /** Folders for `fairtally lines import`: what is known when the first record comes, and what is known in the end. */
  readonly linesAtFirst: string;
  readonly linesInTheEnd: string;
  readonly lines: readonly Line[];
  readonly ofLegs: CallsOfLegs;
  /** In the order in which they are sent. */
  readonly messages: readonly SwitchMessage[];
  /** Records in the messages, those that come twice counted twice. */
  readonly records: number;
}

const TWICE = 0.1;
const THROUGH_UNKEYED = 0.25;
/** Records of the keyed topic under a key that is not their account: the declaration is wrong for them. */
const WRONGLY_KEYED = 0.01;
const MANY_IN_A_MESSAGE = 0.1;
const LATE_LINES = 0.1;

const FILES = ['accounts', 'lines', 'devices', 'networks'] as const;

/**
 * Makes a month of traffic in `folder` as `fairtally generate` does, and out of it what switches send: a tenth of the
 * records twice, all of them shuffled over the month, a quarter through a topic that is not keyed by account. A tenth
 * of the lines is left out of the provisioning at first. Rows of calls of several legs, and registrations of lines,
 * come among them, a tenth twice.
 */
export async function makeMonth(folder: string, settings: CrashSettings): Promise<CrashMonth> {
  const { seed, calls, lines } = settings;
  await generateMonth(folder, {
    seed,
    period: 202_611,
    lines,
    calls,
    noise: { ...defaultNoise, conflicts: 0.002, corrections: 0.004 },
    isShuffled: false,
    isGzip: false,
  });
  const random = new Random(seed, 'crash-month');
  const others = linesOf(folder).map(({ id }) => id);
  if (settings.ofLegs > 0) provisionLinesOfLegs(folder);
  const ofLegs = makeCallsOfLegs(settings.ofLegs, others, new Random(seed, 'crash-legs'));
  const known = linesOf(folder);
  const records = linesOfFile(readFileSync(join(folder, 'calls.ndjson')));
  const delivered = random.shuffled([...records, ...records.filter(() => random.chance(TWICE))]);
  return {
    linesAtFirst: writeLinesAtFirst(folder, random),
    linesInTheEnd: folder,
    lines: known,
    ofLegs,
    messages: random.shuffled([
      ...messagesOf(delivered, known, random),
      ...messagesOn(LEGS_TOPIC, ofLegs.rows, random).map((message) =>
        random.chance(THROUGH_UNKEYED) ? { ...message, topic: UNKEYED_LEGS_TOPIC } : message,
      ),
      ...messagesOn(REGISTRATIONS_TOPIC, ofLegs.registrationTexts, random),
    ]),
    records: delivered.length,
  };
}

/** The bytes between line feeds; empty lines are none. */
export function linesOfFile(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let start = 0; start < bytes.length;) {
    const found = bytes.indexOf(10, start);
    const end = found < 0 ? bytes.length : found;
    if (end > start) lines.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return lines;
}

function linesOf(folder: string): readonly Line[] {
  const [accounts = '', lines = '', devices = '', networks = ''] = FILES.map((name) => csvText(folder, name));
  const parsed = parseProvisioning(
    { accounts, lines, devices, networks },
    { parseInstant: compileCivilTime('Europe/Paris').parseInstant, offers: ['full-illimite'] },
  );
  if (parsed.kind === 'faults') throw new Error(parsed.faults.map(({ problem }) => problem).join('\n'));
  return parsed.lines;
}

function csvText(folder: string, name: string): string {
  return readFileSync(join(folder, `${name}.csv`), 'utf8');
}

/** The files without the rows of some lines, in a folder of their own. */
function writeLinesAtFirst(folder: string, random: Random): string {
  const early = join(folder, 'lines-at-first');
  mkdirSync(early);
  const lineIds = csvText(folder, 'lines').split('\n').slice(1).map(firstField);
  const late = new Set([...new Set(lineIds)].filter((id) => id !== '' && random.chance(LATE_LINES)));
  for (const name of FILES) {
    const rows = csvText(folder, name).split('\n');
    writeFileSync(join(early, `${name}.csv`), rows.filter((row) => !late.has(firstField(row))).join('\n'));
  }
  return early;
}

function firstField(row: string): string {
  return row.split(',')[0] ?? '';
}

function messagesOf(records: readonly Buffer[], lines: readonly Line[], random: Random): SwitchMessage[] {
  const messages: SwitchMessage[] = [];
  for (let at = 0; at < records.length;) {
    const isUnkeyed = random.chance(THROUGH_UNKEYED);
    const count = isUnkeyed && random.chance(MANY_IN_A_MESSAGE) ? random.between(2, 6) : 1;
    const taken = records.slice(at, at + count);
    const value = Buffer.concat(taken.flatMap((record, index) => (index === 0 ? [record] : [LF, record])));
    const isMisplaced = isUnkeyed || random.chance(WRONGLY_KEYED);
    messages.push({
      topic: isUnkeyed ? UNKEYED_TOPIC : KEYED_TOPIC,
      key: isMisplaced ? `any-${at}` : (accountOf(value, lines) ?? `none-${at}`),
      value,
    });
    at += taken.length;
  }
  return messages;
}

/** One record a message, on any partition. */
function messagesOn(topic: string, texts: readonly string[], random: Random): SwitchMessage[] {
  return [...texts, ...texts.filter(() => random.chance(TWICE))].map((text, index) => ({
    topic,
    key: `${index}`,
    value: Buffer.from(text),
  }));
}

const LF = Buffer.from('\n');

/** The account that a record belongs to; `null` for broken records, for what is no call and for calls of nobody. */
function accountOf(record: Buffer, lines: readonly Line[]): string | null {
  const decoded = canonicalNdjson.decode(record, 0, record.length);
  if (decoded.kind !== 'call') return null;
  return ownerOf({ lines, classify }, decoded.cdr)?.line.account ?? null;
}
