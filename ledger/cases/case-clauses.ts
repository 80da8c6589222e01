import type { CaseState } from './breach-store.ts';
import { sqlInstant, type Parameter } from '../database/sql-values.ts';

/** How a value is compared. */
export type Comparison = '=' | '>' | '>=' | '<' | '<=';

/** What is asked of a case, in one respect. Values of a list: one of them must fit. */
export type CaseClause = { readonly isNegated: boolean } & (
  | { readonly on: 'state'; readonly states: readonly CaseState[] }
  | { readonly on: 'period'; readonly periods: readonly number[] }
  | { readonly on: 'condition'; readonly conditions: readonly string[] }
  | { readonly on: 'account' | 'line'; readonly ids: readonly string[] }
  /** Micros, or a count of calls. */
  | { readonly on: 'money' | 'calls'; readonly is: Comparison; readonly value: number }
  /** `null`: nobody has it. */
  | { readonly on: 'assignee'; readonly names: readonly (string | null)[] }
  /** Whether it is snoozed at an instant, ms since the epoch. */
  | { readonly on: 'snoozed' | 'awake'; readonly at: number }
  /** The start of its first breach, and the end of its month: ms since the epoch. */
  | { readonly on: 'since'; readonly is: Comparison; readonly value: number }
  | { readonly on: 'due'; readonly is: Comparison; readonly value: number; readonly timeZone: string }
  /** Part of the id of its line or account, or of the account's name. */
  | { readonly on: 'text'; readonly text: string }
);

/** Who has a case, as the last act says. */
export const ASSIGNED = `left join lateral (
    select assignee from case_act where bucket = c.bucket and line = c.line and period = c.period and kind = 'assign'
    order by no desc limit 1
  ) assigned on true`;

/** Until when a case is snoozed, as the last act says. */
export const SNOOZED = `left join lateral (
    select snoozed_until from case_act
    where bucket = c.bucket and line = c.line and period = c.period and kind = 'snooze' order by no desc limit 1
  ) snoozed on true`;

/** The same for all cases at once: what a sum over many of them reads sooner than case by case. */
export const ALL_ASSIGNED = lastActs('assign', 'assignee', 'assigned');
export const ALL_SNOOZED = lastActs('snooze', 'snoozed_until', 'snoozed');

function lastActs(kind: string, column: string, name: string): string {
  return `left join (
    select distinct on (bucket, line, period) bucket, line, period, ${column} from case_act
    where kind = '${kind}' order by bucket, line, period, no desc
  ) ${name} on ${name}.bucket = c.bucket and ${name}.line = c.line and ${name}.period = c.period`;
}

/** A clause as SQL over `case_file c`, `line l`, `account a`, breaches `b` and the last acts. */
export function clauseSql(clause: CaseClause, given: (value: Parameter) => string): string {
  const wanted = `coalesce(${wantedSql(clause, given)}, false)`;
  return clause.isNegated ? `not ${wanted}` : wanted;
}

function wantedSql(clause: CaseClause, given: (value: Parameter) => string): string {
  switch (clause.on) {
    case 'state':
      return `c.state = any(${given(clause.states)}::text[])`;
    case 'period':
      return `c.period = any(${given(clause.periods)}::int[])`;
    case 'condition':
      return `exists (select from breach w where w.bucket = c.bucket and w.line = c.line and w.period = c.period
                and w.state = 'standing' and w.condition = any(${given(clause.conditions)}::text[]))`;
    case 'account':
      return `a.id = any(${given(clause.ids)}::text[])`;
    case 'line':
      return `l.id = any(${given(clause.ids)}::text[])`;
    case 'money':
      return `c.at_stake ${clause.is} ${given(clause.value)}::bigint`;
    case 'calls':
      return `c.at_stake_calls ${clause.is} ${given(clause.value)}::bigint`;
    case 'assignee': {
      const names = clause.names.filter((name) => name !== null);
      const isOf = `assigned.assignee = any(${given(names)}::text[])`;
      return clause.names.includes(null) ? `(coalesce(${isOf}, false) or assigned.assignee is null)` : isOf;
    }
    case 'snoozed':
      return `snoozed.snoozed_until > ${given(sqlInstant(clause.at))}::timestamptz`;
    case 'awake':
      return `coalesce(snoozed.snoozed_until, '-infinity') <= ${given(sqlInstant(clause.at))}::timestamptz`;
    case 'since':
      return `b.since ${clause.is} ${given(sqlInstant(clause.value))}::timestamptz`;
    case 'due':
      return `(make_date(c.period / 100, c.period % 100, 1) + interval '1 month')
                at time zone ${given(clause.timeZone)} ${clause.is} ${given(sqlInstant(clause.value))}::timestamptz`;
    case 'text': {
      const part = given(partOf(clause.text));
      const plain = given(partOf(withoutAccents(clause.text)));
      // `besancon` finds Besançon, and `hôtel` Hotel. Most names are ASCII, and cost nothing more.
      const plainName = `regexp_replace(normalize(a.name, nfd), '[\u0300-\u036f]', '', 'g')`;
      return `(l.id ilike ${part} or a.id ilike ${part} or a.name ilike ${plain}
                or (a.name ~ '[^ -~]' and ${plainName} ilike ${plain}))`;
    }
    default:
      return clause satisfies never;
  }
}

/** What `like` finds a text by, wherever it stands. */
function partOf(text: string): string {
  return `%${text.replaceAll(/[\\%_]/g, (letter) => `\\${letter}`)}%`;
}

function withoutAccents(text: string): string {
  return text.normalize('NFD').replaceAll(/[\u0300-\u036F]/g, '');
}
