import type { CaseClause, CaseState, Comparison } from '../../ledger/index.ts';
import { CONDITION_IDS } from '../../rules/index.ts';
import { type CivilTime, parseMicros } from '../../tariffs/index.ts';
import { type Refusal, type Refused, refusal, refusedFor } from '../refusals.ts';
import { parsePeriod } from '../value-text.ts';

/** What a filter goes by besides its words. */
export interface FilterContext {
  /** Who asks: `assignee:me`. */
  readonly me: string | null;
  /** ms since the epoch. */
  readonly now: number;
  readonly civilTime: CivilTime;
}

export const CASE_STATES: readonly CaseState[] = ['open', 'decided', 'withdrawn'];

/** What a word may say, as people are told of it. */
const POSSIBLE = {
  state: `${CASE_STATES.join(', ')}, all`,
  period: `months such as '2026-11'`,
  condition: CONDITION_IDS.join(', '),
  account: 'ids of accounts',
  line: 'ids of lines',
  money: `amounts such as '>50', '>=12.50', '<100'`,
  calls: `counts of calls such as '>10'`,
  assignee: `'me', 'none' or names`,
  snoozed: `'yes' or 'no'`,
  since: `days or instants such as '>=2026-11-10'`,
  due: `days from now such as '<3d'`,
} as const;

export type FilterWord = keyof typeof POSSIBLE;
export const FILTER_WORDS = Object.keys(POSSIBLE) as readonly FilterWord[];

const DAY_MS = 86_400_000;

/**
 * What a filter of cases says: words such as `state:open money:>50 condition:distinct-numbers,reuse assignee:me`, each
 * of which must hold; several values of a word mean one of them, and `-` before a word its opposite. A word without a
 * colon is looked for in the ids of line and account and in the account's name; quotes hold what has spaces together.
 */
export function parseCaseFilter(text: string, context: FilterContext): readonly CaseClause[] | Refused {
  const faults: Refusal[] = [];
  const clauses: CaseClause[] = [];
  for (const word of wordsOf(text, faults)) {
    const clause = clauseOf(word, context);
    if (clause === null) continue;
    if ('code' in clause) faults.push(clause);
    else clauses.push(clause);
  }
  return refusedFor(faults) ?? clauses;
}

/** Whether a filter looks for digits in ids and names, of which telephone numbers may be part. */
export function looksForDigits(text: string): boolean {
  return wordsOf(text, []).some(({ name, value }) => name === null && /\p{Nd}/u.test(value));
}

/** A word as it was written, and without its quotes. */
interface Word {
  readonly text: string;
  readonly isNegated: boolean;
  /** `null`: what is looked for as it stands. */
  readonly name: string | null;
  readonly value: string;
}

function wordsOf(text: string, faults: Refusal[]): Word[] {
  const words: Word[] = [];
  for (const [written] of text.matchAll(/(?:"[^"]*(?:"|$)|[^\s"])+/g)) {
    if ((written.split('"').length - 1) % 2 !== 0) faults.push(refusal('filter-quote-open', { word: written }));
    const [, minus = '', name, rest = ''] = /^(-?)(?:([a-z]+):)?(.*)$/is.exec(written) ?? [];
    words.push({
      text: written,
      isNegated: minus === '-',
      name: name?.toLowerCase() ?? null,
      value: rest.replaceAll('"', ''),
    });
  }
  return words;
}

/** `null`: the word asks for nothing. */
function clauseOf(word: Word, context: FilterContext): CaseClause | Refusal | null {
  const { name, value, isNegated, text } = word;
  // `--state:open` is a slip: as text to look for it would be found nowhere, and its opposite everywhere.
  if (name === null && /^--+[a-z]+:/i.test(text)) {
    return refusal('filter-word-unknown', { word: text, words: FILTER_WORDS.join(', ') });
  }
  if (name === null) return value === '' ? null : { on: 'text', text: value, isNegated };
  const known = FILTER_WORDS.find((each) => each === name);
  if (known === undefined) return refusal('filter-word-unknown', { word: text, words: FILTER_WORDS.join(', ') });
  const said = meaningOf(known, value, context);
  if (said === null) return refusal('filter-value-unusable', { word: text, name, possible: POSSIBLE[known] });
  return said === 'anything' ? null : { ...said, isNegated };
}

type Said = CaseClause extends infer C ? (C extends CaseClause ? Omit<C, 'isNegated'> : never) : never;

/** What the value of a word says; `null`: nothing that it can. */
function meaningOf(name: FilterWord, value: string, context: FilterContext): Said | 'anything' | null {
  const values = value.split(',').map((each) => each.trim());
  if (values.includes('')) return null;
  switch (name) {
    case 'state': {
      if (value === 'all') return 'anything';
      const states = values.flatMap((each) => CASE_STATES.find((state) => state === each) ?? []);
      return states.length === values.length ? { on: name, states } : null;
    }
    case 'period': {
      const periods = values.flatMap((each) => parsePeriod(each) ?? []);
      return periods.length === values.length ? { on: name, periods } : null;
    }
    case 'condition':
      return values.every((each) => CONDITION_IDS.some((id) => id === each)) ? { on: name, conditions: values } : null;
    case 'account':
    case 'line':
      return { on: name, ids: values };
    case 'assignee':
      return assigneeOf(values, context);
    case 'snoozed':
      return value === 'yes' || value === 'no' ? snoozed(value === 'yes', context) : null;
    case 'money':
    case 'calls':
    case 'since':
    case 'due':
      return comparedOf(name, value, context);
    default:
      return name satisfies never;
  }
}

function assigneeOf(values: readonly string[], { me }: FilterContext): Said | null {
  const names = values.map((each) => (each === 'none' ? null : each === 'me' ? me : each));
  // Who is nobody has no cases: 'me' must not mean those that nobody has.
  return values.includes('me') && me === null ? null : { on: 'assignee', names };
}

/** Not snoozed is the opposite of snoozed: a negated word within a word. */
function snoozed(isSnoozed: boolean, { now }: FilterContext): Said {
  return isSnoozed ? { on: 'snoozed', at: now } : { on: 'awake', at: now };
}

function comparedOf(
  name: 'money' | 'calls' | 'since' | 'due',
  value: string,
  { civilTime, now }: FilterContext,
): Said | null {
  const [, sign = '', rest = ''] = /^(>=|<=|>|<|=)?(.*)$/s.exec(value) ?? [];
  const is: Comparison = sign === '' ? '=' : (sign as Comparison);
  switch (name) {
    case 'money': {
      const amount = parseMicros(rest);
      return amount === null ? null : { on: name, is, value: amount };
    }
    case 'calls':
      return /^\d{1,9}$/.test(rest) ? { on: name, is, value: Number(rest) } : null;
    case 'since': {
      const instant = civilTime.parseInstant(rest);
      return instant === null ? null : { on: name, is, value: instant };
    }
    case 'due': {
      const days = /^(\d{1,4})d?$/.exec(rest)?.[1];
      if (days === undefined) return null;
      return { on: name, is, value: now + Number(days) * DAY_MS, timeZone: civilTime.timeZone };
    }
  }
}
