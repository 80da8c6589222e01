import { sqlInstant } from '../database/sql-values.ts';

/** A span of a line in terms of the start of calls, `[from, to)`, ms since the epoch; `line` is the ledger's number. */
export interface LineSpanInPeriod {
  readonly bucket: number;
  readonly line: number;
  readonly condition: string;
  /** The month of the breach, yyyymm. */
  readonly period: number;
  readonly from: number;
  readonly to: number;
  readonly classes: readonly string[];
}

/** The spans as a JSON object by line: a call finds those of its line without looking at the others. */
export function spansByLine(spans: readonly LineSpanInPeriod[]): string {
  const columns = spans.map(({ line, condition, period, from, to, classes }) => ({
    line,
    span: { condition, period, starts: sqlInstant(from), ends: sqlInstant(to), classes: classes.join(',') },
  }));
  const byLine = Map.groupBy(columns, ({ line }) => String(line));
  return JSON.stringify(Object.fromEntries([...byLine].map(([line, own]) => [line, own.map(({ span }) => span)])));
}

/** SQL: of the spans in `$9`, a JSON object of them by line, those of the line of call `e` that it starts in. */
export const SPANS_OF_CALL = `
  from jsonb_to_recordset($9::jsonb -> e.line::text)
    as s (condition text, period int, starts timestamptz, ends timestamptz, classes text)
  where e.started_at >= s.starts and e.started_at < s.ends`;
