/** One word of the filter: `state:open`, `money:>50`, or a bare word. */
export interface FilterWord {
  readonly name: string | null;
  readonly value: string;
}

/** What a filter may name, and the values that are always there; a line or an account is typed. */
export const FILTER_NAMES: Readonly<Record<string, readonly string[]>> = {
  state: ['open', 'decided', 'withdrawn', 'all'],
  condition: [
    'distinct-numbers',
    'conversational-use',
    'sip-mobility',
    'equipment',
    'usage-class',
    'monthly-minutes',
    'forwarding',
    'call-length',
  ],
  money: ['>10', '>50', '>100'],
  assignee: ['me', 'none'],
  snoozed: ['no', 'yes'],
  due: ['<3d', '<7d'],
  since: [],
  calls: ['>10', '>100'],
  period: [],
  line: [],
  account: [],
};

/** The words of a filter; blanks part them. */
export function filterWords(text: string): FilterWord[] {
  return text
    .split(/\s+/)
    .filter((word) => word !== '')
    .map((word) => {
      const colon = word.indexOf(':');
      return colon > 0 ? { name: word.slice(0, colon), value: word.slice(colon + 1) } : { name: null, value: word };
    });
}

/** What can stand where the cursor is: names, or the values of a name. */
export function completions(text: string, cursor: number): { readonly from: number; readonly options: string[] } {
  const before = text.slice(0, cursor);
  const from = before.search(/\S*$/);
  const word = before.slice(from);
  const colon = word.indexOf(':');
  if (colon < 0) {
    const names = Object.keys(FILTER_NAMES).filter((name) => name.startsWith(word.toLowerCase()));
    return { from, options: names.map((name) => `${name}:`) };
  }
  const name = word.slice(0, colon);
  const start = word.slice(colon + 1).toLowerCase();
  const values = (FILTER_NAMES[name] ?? []).filter((value) => value.startsWith(start) && value !== start);
  return { from, options: values.map((value) => `${name}:${value}`) };
}

/** A filter with a word set in the place of what it had of that name; `null` takes it out. */
export function withWord(text: string, name: string, value: string | null): string {
  const others = filterWords(text).filter((word) => word.name !== name);
  const words = value === null ? others : [...others, { name, value }];
  return words.map((word) => (word.name === null ? word.value : `${word.name}:${word.value}`)).join(' ');
}

/** The conditions that a filter names, in its order: what is meant where a case has several. */
export function conditionsOf(text: string): string[] {
  return filterWords(text).flatMap(({ name, value }) => (name === 'condition' ? value.split(',') : []));
}
