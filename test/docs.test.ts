import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { badRecordReasons, notACallReasons } from '../formats/format.ts';
import type { WaitingReason } from '../engine/settling/kept-record.ts';
import type { LosingReason, UnratedReason } from '../rater/index.ts';
import { CONDITION_IDS } from '../rules/index.ts';
import { REFUSALS } from '../services/index.ts';
import { REFUSAL_CODES, type DestinationClass, type RefusalCode } from '../tariffs/index.ts';

const page = readFileSync(new URL('../docs/reference/reasons.md', import.meta.url), 'utf8');

/** The codes in the first column of the tables under a heading, in order. */
function documentedUnder(heading: string): string[] {
  const section = page.split(/^## /m).find((part) => part.startsWith(`${heading}\n`));
  if (section === undefined) throw new Error(`Cannot find section '${heading}' in docs/reference/reasons.md`);
  return [...section.matchAll(/^- `([^`]+)`: /gm)].map(([, code = '']) => code);
}

/** Written out so that the compiler refuses one too few and one too many. */
const LOOKUP_REASONS = {
  'start-out-of-range': 'before the number',
  'duration-out-of-range': 'before the number',
  'unknown-line': 'before the number',
  'no-rate': 'after the number',
} satisfies Record<Exclude<UnratedReason, RefusalCode>, 'before the number' | 'after the number'>;

const WAITING_REASONS = {
  'start-implausible': 'before all',
  'month-not-prepared': 'after all',
} satisfies Record<WaitingReason, string>;

const LOSING_REASONS = { conflict: true, superseded: true, 'read-otherwise': true } satisfies Record<
  LosingReason | 'read-otherwise',
  true
>;

/** Coverages under which the class of a destination is the reason itself. */
const CLASS_REASONS = {
  emergency: true,
  'toll-free': true,
  'national-fixed': true,
  'national-mobile': true,
  international: true,
} satisfies Record<Exclude<DestinationClass, 'special-rate'>, true>;

function lookupReasons(when: 'before the number' | 'after the number'): string[] {
  return Object.entries(LOOKUP_REASONS).flatMap(([reason, at]) => (at === when ? [reason] : []));
}

describe('docs/reference/reasons.md', () => {
  it('has every condition, and no other', () => {
    expect(documentedUnder('Conditions').toSorted()).toEqual([...CONDITION_IDS].toSorted());
  });

  it('has every reason for which a record cannot be read, in order of precedence', () => {
    expect(documentedUnder('Records that cannot be read')).toEqual([...badRecordReasons]);
  });

  it('has every reason for which a call cannot be rated, in order of precedence', () => {
    const waiting = Object.keys(WAITING_REASONS);
    expect(documentedUnder('Calls that cannot be rated')).toEqual([
      waiting[0],
      ...lookupReasons('before the number'),
      ...REFUSAL_CODES,
      ...lookupReasons('after the number'),
      waiting[1],
    ]);
  });

  it('has both reasons for which a record of a call is not the one billed', () => {
    expect(documentedUnder('Several records of one call')).toEqual(Object.keys(LOSING_REASONS));
  });

  it('has every reason for which a record is no call, in order of precedence', () => {
    expect(documentedUnder('Records that are no call')).toEqual([...notACallReasons]);
  });

  it('has every reason of an entry that is no condition', () => {
    const expected = [...Object.keys(CLASS_REASONS), 'no-offer', 'not-in-offer'];
    expect(documentedUnder('Why a call costs what it costs').toSorted()).toEqual(expected.toSorted());
  });

  it('has both reasons for which an entry takes a call back', () => {
    expect(documentedUnder('Why an entry takes a call back')).toEqual(['facts-changed', 'record-replaced']);
  });

  it('says of each code what it means and, but for entries, what to do', () => {
    const items = [...page.matchAll(/^- `([^`]+)`:(.*(?:\n {2}.*)*)/gm)].map(([, code = '', text = '']) => ({
      code,
      text,
    }));
    const ofEntries = new Set(documentedUnder('Why a call costs what it costs'));
    const isWhole = ({ code, text }: (typeof items)[number]): boolean => {
      const [meaning = '', action = ''] = text.split('_Do_:');
      return meaning.trim() !== '' && (action.trim() !== '' || ofEntries.has(code));
    };
    expect(items.filter((item) => !isWhole(item))).toEqual([]);
    const codes = items.map(({ code }) => code);
    expect(codes).toHaveLength(new Set(codes).size);
  });
});

describe('docs/reference/refusals.md', () => {
  const refusals = readFileSync(new URL('../docs/reference/refusals.md', import.meta.url), 'utf8');
  const items = [...refusals.matchAll(/^- `([^`]+)` \((request|state)\): (.*(?:\n {2}.*)*)/gm)].map(
    ([, code = '', of = '', text = '']) => {
      const [sentence = '', remedy = ''] = text.replaceAll(/\s+/g, ' ').split('. _Do_: ');
      return [code, { of, sentence, remedy }] as const;
    },
  );

  it('has the table of refusals, word for word, in its order', () => {
    expect(items).toEqual(Object.entries(REFUSALS));
  });
});

describe('pages', () => {
  it('have no marks left of a merge', () => {
    const root = fileURLToPath(new URL('..', import.meta.url));
    const pages = globSync('**/*.md', { cwd: root, exclude: ['**/node_modules', '.git'] });
    expect(pages.length).toBeGreaterThan(20);
    const mark = /^(<{7} |={7}$|>{7} |(> ){7})/m;
    const marked = pages.filter((path) => mark.test(readFileSync(`${root}${path}`, 'utf8')));
    expect(marked).toEqual([]);
  });
});
