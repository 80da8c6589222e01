import * as fc from 'fast-check';
import { lazyDelivery, type Delivery, type DeliveredRecord, UndecodedRecord } from '../../engine/delivery.ts';
import type { RatingEngine } from '../../engine/rating-engine.ts';
import { createAsteriskCel } from '../../formats/asterisk/asterisk-cel.ts';
import { createAsteriskCsv } from '../../formats/asterisk/asterisk-csv.ts';
import { createFreeSwitchCsv } from '../../formats/freeswitch/freeswitch-csv.ts';
import { createFreeSwitchJson } from '../../formats/freeswitch/freeswitch-json.ts';
import { canonicalNdjson, type Format } from '../../formats/index.ts';
import type { Database } from '../../ledger/index.ts';
import type { Line } from '../../rater/index.ts';
import type { Offer } from '../../rules/index.ts';
import { compileCivilTime } from '../../tariffs/index.ts';
import { asteriskRow } from './asterisk-rows.ts';
import { cucmFormat, isCucmRow } from './cucm-rows.ts';
import { classify, evidenceOf, sorted, standingVerdicts } from './oracle-view.ts';
import { judgeEverything } from './oracle/oracle.ts';
import { CUCM_HAPPENINGS } from './oracle/cucm-calls.ts';
import { FREESWITCH_HAPPENINGS } from './oracle/freeswitch-calls.ts';
import { CSV_CALLER, OTHER_HAPPENINGS } from './oracle/other-calls.ts';
import { HAPPENINGS, type Happening, type SwitchCall, switchCall } from './oracle/switch-calls.ts';
import { billedCalls, feedGaps, standingFindings } from './posted-ledger.ts';

export const LINES_OF_CALLS: readonly Line[] = ['200', '201', '300', '301'].map((id, index) => ({
  id,
  account: `A${index >> 1}`,
  spans: [
    {
      from: 0,
      to: Infinity,
      number: 33_145_670_000 + Number(id),
      offer: 'full-illimite',
      usageClass: 'business',
      mobility: 'off',
      equipment: 'managed',
    },
  ],
  devices: [],
  networks: [],
}));

export const ASTERISK = createAsteriskCsv({
  switchId: 'pbx',
  clock: compileCivilTime('UTC'),
  trunks: ['PJSIP/op'],
});

const EVENTS = createAsteriskCel({ switchId: 'pbx' });
const FREESWITCH = createFreeSwitchJson();
const CUCM = cucmFormat();
const FREESWITCH_CSV = createFreeSwitchCsv({ switchId: 'fscsv', clock: compileCivilTime('UTC') });

/** What happened, and how its rows come: in which order, in how large deliveries, by which source, some twice. */
export interface LegHistory {
  readonly calls: readonly SwitchCall[];
  readonly deliveries: readonly { readonly source: number; readonly rows: readonly string[] }[];
  /** After which deliveries the process dies. */
  readonly restarts: readonly boolean[];
}

const happening: fc.Arbitrary<Happening> = fc
  .record({
    kind: fc.constantFrom(...HAPPENINGS, ...FREESWITCH_HAPPENINGS, ...CUCM_HAPPENINGS, ...OTHER_HAPPENINGS),
    parties: fc.shuffledSubarray(['200', '201', '300', '301', '999'], { minLength: 2, maxLength: 2 }),
    numbers: fc.shuffledSubarray(['0612345678', '0145678901', '0899123456', '0612345679', '0033612345670'], {
      minLength: 2,
      maxLength: 2,
    }),
    day: fc.integer({ min: 1, max: 5 }),
    minute: fc.integer({ min: 0, max: 40 }),
    seconds: fc.integer({ min: 1, max: 200 }),
  })
  .map(({ parties, numbers, ...rest }) => ({
    ...rest,
    caller: parties[0]!,
    other: parties[1]!,
    number: numbers[0]!,
    second: numbers[1]!,
  }));

/** @param sources how many sources the rows of one call may come by */
export function legHistories(sources: number): fc.Arbitrary<LegHistory> {
  return fc
    .record({
      happenings: fc.array(happening, { minLength: 1, maxLength: 12 }),
      order: fc.infiniteStream(fc.nat({ max: 1_000_000 })),
      isInOrder: fc.boolean(),
      sizes: fc.infiniteStream(fc.integer({ min: 1, max: 9 })),
      restarts: fc.infiniteStream(fc.nat({ max: 4 }).map((one) => one === 0)),
    })
    .map(({ happenings, order, isInOrder, sizes, restarts }) => {
      const calls = happenings.map(switchCall);
      const rows = calls.flatMap(({ rows: given, documents = [] }) => [...given.map(asteriskRow), ...documents]);
      const placed = rows.flatMap((row) => {
        const at = next(order);
        return [{ row, at }, ...(at % 5 === 0 ? [{ row, at: next(order) }] : [])];
      });
      const come = isInOrder ? placed : placed.toSorted((a, b) => a.at - b.at);
      const deliveries: { source: number; rows: string[] }[] = [];
      for (let from = 0; from < come.length;) {
        const size = next(sizes);
        deliveries.push({ source: next(order) % sources, rows: come.slice(from, from + size).map(({ row }) => row) });
        from += size;
      }
      return { calls, deliveries, restarts: deliveries.map(() => next(restarts)) };
    });
}

function next<T>(stream: Iterator<T, T>): T {
  return stream.next().value;
}

function formatOfRow(row: string): Format {
  if (row.startsWith('{"Event":"CEL"')) return EVENTS;
  if (row.startsWith('{"v":1')) return canonicalNdjson;
  if (row.startsWith(`"${CSV_CALLER}"`)) return FREESWITCH_CSV;
  if (isCucmRow(row)) return CUCM;
  return row.startsWith('{') ? FREESWITCH : ASTERISK;
}

/**
 * Rows as one delivery of a source that stands at `from`: of Master.csv and documents of FreeSWITCH unless `formatOf`
 * says otherwise.
 */
export function legDelivery(
  rows: readonly string[],
  from: number,
  source: string,
  formatOf: (row: string) => Format = formatOfRow,
): Delivery {
  const buffer = Buffer.from(rows.map((row) => `${row}\n`).join(''), 'utf8');
  const records: DeliveredRecord[] = [];
  let start = 0;
  for (const row of rows) {
    const end = start + Buffer.byteLength(row);
    records.push(new UndecodedRecord(formatOf(row), buffer, start, end, from + start, 0));
    start = end + 1;
  }
  const stretch = { source, partition: 0, format: ASTERISK.id, from, to: from + buffer.length, prefixHash: null };
  return lazyDelivery({ ...stretch, hasLegs: true }, () => records);
}

/** Takes in the deliveries of a history, two under way at a time. */
export async function playLegs(
  { deliveries, restarts }: Omit<LegHistory, 'calls'>,
  engineOf: (source: number) => RatingEngine,
  restart: (source: number) => unknown,
  formatOf?: (row: string) => Format,
): Promise<void> {
  const positions = new Map<number, number>();
  let before: Promise<unknown> = Promise.resolve();
  for (const [index, { source, rows }] of deliveries.entries()) {
    const delivery = legDelivery(rows, positions.get(source) ?? 0, `source-${source}`, formatOf);
    positions.set(source, delivery.to);
    const taking = engineOf(source).take(delivery);
    taking.catch(() => undefined);
    await before;
    before = taking;
    if (restarts[index] === true) {
      await before;
      await restart(source);
    }
  }
  await before;
}

/** All that is determined of a ledger of legs: to be equal to `oracleOfLegs`. */
export async function ledgerOfLegs(db: Database): Promise<unknown> {
  const findings = await standingFindings(db);
  const waiting = await db.query<{ reason: string; record: Buffer; cdr: Buffer | null }>(
    `select reason, record, cdr from quarantine where state = 'waiting'`,
  );
  return {
    feedGaps: await feedGaps(db),
    calls: Object.fromEntries(await billedCalls(db)),
    unread: sorted(
      waiting.flatMap(({ reason, record, cdr }) =>
        cdr === null ? [{ reason, channel: legNamed(record.toString()) }] : [],
      ),
    ),
    waiting: sorted(
      waiting.flatMap(({ reason, cdr }) => (cdr === null ? [] : [{ reason, identity: identityOf(cdr) }])),
    ),
    verdicts: sorted(findings.map(({ line, period, finding }) => ({ line, period, evidence: evidenceOf(finding) }))),
  };
}

/** The id of a row of cdr_csv, which its other leg's follows. */
const CSV_ID = /,"([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})",/;

/** The id of a row of CUCM. */
const CUCM_ID = /"(cucm-\d+-\d+)"/;

/** The leg of FreeSWITCH, the row of CUCM, or the last trunk channel of Asterisk, that a record names. */
function legNamed(record: string): string {
  return (
    (/"uuid":"([^"]*)"/.exec(record) ?? CUCM_ID.exec(record) ?? CSV_ID.exec(record))?.[1] ??
    record.match(/PJSIP\/op-[0-9a-f]{8}/g)?.at(-1) ??
    ''
  );
}

/** The same as the oracle has it, which knows what happened. */
export function oracleOfLegs(calls: readonly SwitchCall[], offers: readonly Offer[]): unknown {
  const expected = judgeEverything({
    records: calls.flatMap(({ billed }) => billed),
    lines: LINES_OF_CALLS,
    offers,
    decisions: [],
    deck: DECK_ROWS,
    classify,
  });
  return {
    feedGaps: [],
    calls: Object.fromEntries(expected.calls),
    unread: sorted(calls.flatMap(({ waiting }) => waiting)),
    waiting: sorted(expected.quarantine.map(({ reason, identity }) => ({ reason, identity }))),
    verdicts: sorted(standingVerdicts(expected)),
  };
}

const DECK_ROWS = [
  { prefix: '33', pricePerMinute: '0.02' },
  { prefix: '336', pricePerMinute: '0.09' },
  { prefix: '3389', pricePerMinute: '0.80' },
].map(({ prefix, pricePerMinute }) => ({
  of: { prefix },
  pricePerMinute,
  connection: '0',
  initialIncrementS: 60,
  nextIncrementS: 60,
  effectiveFrom: 0,
  effectiveTo: null,
}));

export const DECK_OF_CALLS = 'prefix,price_per_minute\n33,0.02\n336,0.09\n3389,0.80\n';

function identityOf(cdr: Buffer): string {
  const record: { switch: string; call: string; leg?: string } = JSON.parse(cdr.toString());
  return JSON.stringify([record.switch, record.call, record.leg ?? '']);
}
