import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Format } from '../../formats/index.ts';
import { createAccRows, createKamailioJson } from '../../formats/proxies/kamailio.ts';
import type { Database } from '../../ledger/index.ts';
import { fullIllimite } from '../rules/full-illimite-for-test.ts';
import type { LedgerUnderTest } from '../support/ledger-under-test.ts';
import { LINES_OF_CALLS, type LegHistory, playLegs } from '../support/legs-under-test.ts';
import { billedCalls } from '../support/posted-ledger.ts';
import { onPostgres } from '../support/postgres-ledger.ts';
import { runsOf } from '../support/runs.ts';

const RUNS = runsOf(20);
const SEED = { seed: Number(process.env['SEED'] ?? 20_261_129) };

const OPTIONS = { switchId: 'k', extraColumns: ['src_user', 'dst_user'] };
const [ROWS, JSONS] = [createAccRows(OPTIONS), createKamailioJson(OPTIONS)];
const formatOf = (row: string): Format => (row.startsWith('{') ? JSONS : ROWS);

/** Seconds are billed as they are. */
const BY_THE_SECOND = 'prefix,price_per_minute,initial_increment_s,next_increment_s\n33,0.02,1,1\n336,0.09,1,1\n';

/** What befell a call: told apart from how its rows are read. */
const HAPPENINGS = [
  'answered',
  'ended-by-callee',
  'ended-by-both',
  're-invited',
  're-invited-by-callee',
  'forked',
  'with-cdr',
  'cdr-names-another',
  'cdr-that-rings',
  'missed',
  'lost-bye',
  'lost-invite',
  'contradicted',
] as const;

interface Happening {
  readonly kind: (typeof HAPPENINGS)[number];
  readonly line: string;
  readonly other: string;
  readonly number: string;
  readonly start: number;
  readonly seconds: number;
  readonly isJson: boolean;
}

interface ProxyCallCase {
  readonly rows: readonly string[];
  /** What a carrier bills: identity, line and seconds. */
  readonly billed: readonly (readonly [identity: string, line: string, seconds: number])[];
  /** Why rows wait, each once. */
  readonly waiting: readonly string[];
}

function proxyCall({ kind, line, other, number, start, seconds, isJson }: Happening, index: number): ProxyCallCase {
  const callId = `${index}@h`;
  const row = (method: string, from: string, to: string, code: string, at: number, src = '', dst = ''): string =>
    isJson
      ? JSON.stringify({
          method,
          from_tag: from,
          to_tag: to,
          callid: callId,
          sip_code: code,
          sip_reason: 'said',
          time: String(at),
          ...(src === '' ? {} : { src_user: src, dst_user: dst }),
        })
      : [method, from, to, callId, code, 'said', at, src, dst].join('|');
  const cdr = (given: Readonly<Record<string, unknown>>): string =>
    JSON.stringify({ callid: callId, from_tag: 'a', to_tag: 'b', ...given });
  const end = start + seconds;
  const invite = row('INVITE', 'a', 'b', '200', start, line, number);
  const bye = row('BYE', 'a', 'b', '200', end);
  const identity = (leg: string): string => JSON.stringify(['k', callId, leg]);
  const call = [identity('a;b'), line, seconds] as const;
  const whole = (...more: readonly string[]) => ({ rows: [invite, bye, ...more], billed: [call], waiting: [] });
  switch (kind) {
    case 'answered':
      return whole();
    case 'ended-by-callee':
      return { rows: [invite, row('BYE', 'b', 'a', '200', end)], billed: [call], waiting: [] };
    case 'ended-by-both':
      return whole(row('BYE', 'b', 'a', '481', end + 1));
    case 're-invited':
      return whole(row('INVITE', 'a', 'b', '200', start + 1, line, 'sip-phone'));
    case 're-invited-by-callee':
      return whole(
        row('INVITE', 'b', 'a', '200', start + 1, other, line),
        row('INVITE', 'a', 'b', '401', start - 1, line, number),
      );
    case 'forked': {
      const rows = [
        invite,
        bye,
        row('INVITE', 'a', 'z', '200', start, line, '0145678901'),
        row('BYE', 'a', 'z', '200', start + 2),
      ];
      return { rows, billed: [call, [identity('a;z'), line, 2]], waiting: [] };
    }
    case 'with-cdr':
      return whole(cdr({ answer_time: String(start), duration: seconds, src_user: line, dst_user: number }));
    case 'cdr-names-another': {
      // The CDR's word counts before that of the rows, whichever comes last.
      const text = cdr({ answer_time: String(start), duration: seconds, src_user: other, dst_user: number });
      return { rows: [invite, bye, text], billed: [[identity('a;b'), other, seconds]], waiting: [] };
    }
    case 'cdr-that-rings': {
      const text = cdr({ start_time: `${start - 5}.000`, end_time: `${end}.000`, duration: `${seconds + 5}.000` });
      return { rows: [invite, text], billed: [[identity('a;b'), line, seconds]], waiting: [] };
    }
    case 'missed':
      return { rows: [row('INVITE', 'a', '', '487', start, line, number)], billed: [], waiting: [] };
    case 'lost-bye':
      return { rows: [invite], billed: [], waiting: ['half-a-call'] };
    case 'lost-invite':
      return { rows: [bye], billed: [], waiting: ['half-a-call'] };
    case 'contradicted':
      return { ...whole(row('INVITE', 'a', 'b', '200', start, other, number)), billed: [], waiting: ['contradiction'] };
  }
}

const happening: fc.Arbitrary<Happening> = fc
  .record({
    kind: fc.constantFrom(...HAPPENINGS),
    parties: fc.shuffledSubarray(['200', '201', '300', '301'], { minLength: 2, maxLength: 2 }),
    number: fc.constantFrom('0612345678', '0612345679', '0145678902'),
    start: fc.integer({ min: 1_793_690_000, max: 1_793_790_000 }),
    seconds: fc.integer({ min: 3, max: 200 }),
    isJson: fc.boolean(),
  })
  .map(({ parties, ...rest }) => ({ ...rest, line: parties[0]!, other: parties[1]! }));

function next<T>(stream: Iterator<T, T>): T {
  return stream.next().value;
}

interface History extends Omit<LegHistory, 'calls'> {
  readonly cases: readonly ProxyCallCase[];
}

/** @param sources by how many sources the rows of one call may come */
function histories(sources: number): fc.Arbitrary<History> {
  return fc
    .record({
      happenings: fc.array(happening, { minLength: 1, maxLength: 12 }),
      order: fc.infiniteStream(fc.nat({ max: 1_000_000 })),
      sizes: fc.infiniteStream(fc.integer({ min: 1, max: 9 })),
      restarts: fc.infiniteStream(fc.nat({ max: 4 }).map((one) => one === 0)),
    })
    .map(({ happenings, order, sizes, restarts }) => {
      const cases = happenings.map(proxyCall);
      const come = cases
        .flatMap(({ rows }) => rows)
        .flatMap((row) => {
          const at = next(order);
          return [{ row, at }, ...(at % 4 === 0 ? [{ row, at: next(order) }] : [])];
        })
        .toSorted((a, b) => a.at - b.at);
      const deliveries: { source: number; rows: string[] }[] = [];
      for (let from = 0; from < come.length;) {
        const size = next(sizes);
        deliveries.push({ source: next(order) % sources, rows: come.slice(from, from + size).map(({ row }) => row) });
        from += size;
      }
      return { cases, deliveries, restarts: deliveries.map(() => next(restarts)) };
    });
}

async function viewOf(db: Database) {
  const calls = await billedCalls(db);
  const waiting = await db.query<{ reason: string }>(
    `select reason from quarantine where state = 'waiting' order by reason`,
  );
  const billed = [...calls].map(([identity, { line, billedSeconds }]) => [identity, line, billedSeconds] as const);
  return {
    billed: billed.toSorted(([a], [b]) => (a < b ? -1 : 1)),
    waiting: waiting.map(({ reason }) => reason),
  };
}

function expectedOf(cases: readonly ProxyCallCase[]) {
  return {
    billed: cases
      .flatMap(({ billed }) => billed)
      .map(([identity, line, seconds]) => [identity, line, seconds] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
    waiting: cases.flatMap(({ waiting }) => waiting).toSorted(),
  };
}

describe('calls of SIP proxies', () => {
  it('are what happened, whatever the order, files, duplicates, restarts of their rows', async () => {
    const runs = { numRuns: RUNS, endOnFailure: true, ...SEED };
    await fc.assert(fc.asyncProperty(histories(3), onOneEngine), runs);
  }, 300_000);

  it('are so where two workers on one PostgreSQL have their rows at once', async () => {
    const runs = { numRuns: Math.ceil(RUNS / 6), endOnFailure: true, ...SEED };
    await fc.assert(fc.asyncProperty(histories(2), onTwoEngines), runs);
  }, 300_000);
});

async function onOneEngine(history: History): Promise<void> {
  await onPostgres([fullIllimite()], BY_THE_SECOND, async (ledger) => {
    await ledger.provision(LINES_OF_CALLS);
    await playLegs(
      history,
      () => ledger.engine,
      () => ledger.restart(),
      formatOf,
    );
    expect(await viewOf(ledger.db)).toEqual(expectedOf(history.cases));
  });
}

async function onTwoEngines(history: History): Promise<void> {
  const run = async (ledger: LedgerUnderTest, own: readonly Database[]): Promise<void> => {
    await ledger.provision(LINES_OF_CALLS);
    const engines = own.map((each) => ledger.otherEngine(each));
    await playLegs(
      history,
      (source) => engines[source]!,
      (source) => void (engines[source] = ledger.otherEngine(own[source]!)),
      formatOf,
    );
    expect(await viewOf(ledger.db)).toEqual(expectedOf(history.cases));
  };
  await onPostgres([fullIllimite()], BY_THE_SECOND, run, 2);
}
