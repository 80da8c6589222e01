import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a small month of traffic holds, as the ledger must find it. */
export interface SmallMonth {
  readonly folder: string;
  readonly calls: string;
  /** Lines of the file, all kinds of records. */
  readonly records: number;
  readonly rated: number;
  readonly duplicates: number;
  readonly notCalls: number;
  readonly quarantined: number;
}

const ORDINARY_LINES = 20;
const CALLS_A_LINE = 90;
const MONTH_START = Date.UTC(2026, 10, 2, 8);

/**
 * Writes a month of 2026-11 and its provisioning into `folder`: ordinary lines; line L900 with 151 numbers; L901 that
 * forwards; L902 whose class the offer excludes; an unknown line; unanswered, double and broken records.
 */
export function writeSmallMonth(folder: string): SmallMonth {
  mkdirSync(folder, { recursive: true });
  const ordinary = Array.from({ length: ORDINARY_LINES }, (_, index) => `L${String(index + 1).padStart(3, '0')}`);
  const lines = [...ordinary, 'L900', 'L901', 'L902'];
  writeFileSync(
    join(folder, 'accounts.csv'),
    `account,name\nA1,Dupont SARL\nA2,Société Générale d'Épicerie\nA3,Martin\n`,
  );
  const rows = lines.map(
    (line, index) =>
      `${line},A${(index % 3) + 1},+331400${String(index).padStart(5, '0')},full-illimite,${line === 'L902' ? 'telemarketing' : 'business'},off,managed,2026-01-01,`,
  );
  writeFileSync(
    join(folder, 'lines.csv'),
    `line,account,number,offer,usage_class,mobility,equipment,from,to\n${rows.join('\n')}\n`,
  );
  const records: string[] = [];
  for (const [at, line] of ordinary.entries()) {
    for (let call = 0; call < CALLS_A_LINE; call++) {
      const to = call % 10 === 9 ? '+12465550100' : `+336120000${String(call % 40).padStart(2, '0')}`;
      records.push(
        record({ call: `${line}-${call}`, line, to, minute: call * 97 + at, durationMs: 1000 + call * 700 }),
      );
    }
  }
  for (let call = 0; call < 151; call++) {
    records.push(
      record({
        call: `heavy-${call}`,
        line: 'L900',
        to: `+33612001${String(call).padStart(3, '0')}`,
        minute: call * 90,
        durationMs: 61_000,
      }),
    );
  }
  records.push(
    record({
      call: 'forwarded-1',
      line: 'L001',
      to: '+33612345678',
      minute: 5,
      durationMs: 30_000,
      more: { diversions: ['L901'] },
    }),
  );
  records.push(record({ call: 'telemarketing-1', line: 'L902', to: '+33145000000', minute: 7, durationMs: 90_000 }));
  const rated = records.length;
  const doubles = records.slice(0, 5);
  records.push(...doubles);
  records.push(record({ call: 'lost-1', line: 'L999', to: '+33145000000', minute: 9, durationMs: 60_000 }));
  records.push(record({ call: 'garbage-1', line: 'L001', to: 'hello', minute: 9, durationMs: 60_000 }));
  records.push('{"v":1,"switch":"sbc-par-1","call":"cut');
  for (let call = 0; call < 10; call++) {
    records.push(
      JSON.stringify({
        v: 1,
        switch: 'sbc-par-1',
        call: `rang-${call}`,
        line: 'L001',
        to: '+33145000000',
        answered: null,
        durationMs: 0,
      }),
    );
  }
  const calls = join(folder, 'calls.ndjson');
  writeFileSync(calls, `${records.join('\n')}\n`);
  return { folder, calls, records: records.length, rated, duplicates: doubles.length, notCalls: 10, quarantined: 3 };
}

/** One line of canonical NDJSON; `minute` counts from the start of the month's traffic. */
export function record(what: {
  readonly call: string;
  readonly line: string;
  readonly to: string;
  readonly minute: number;
  readonly durationMs: number;
  readonly more?: Readonly<Record<string, unknown>>;
}): string {
  const { call, line, to, minute, durationMs, more } = what;
  const answered = new Date(MONTH_START + minute * 60_000).toISOString();
  return JSON.stringify({ v: 1, switch: 'sbc-par-1', call, line, to, answered, durationMs, ...more });
}
