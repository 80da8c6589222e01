/** What a value is not that its schema wants. */
export type SchemaFault =
  | { readonly kind: 'no-number' }
  | { readonly kind: 'type'; readonly expected: string }
  | { readonly kind: 'too-small'; readonly of: string; readonly least: string }
  | { readonly kind: 'too-big'; readonly of: string; readonly most: string }
  | { readonly kind: 'values'; readonly values: readonly string[] }
  /** `words` are those of the schema, where it has some. */
  | { readonly kind: 'format'; readonly words: string; readonly format: string }
  | { readonly kind: 'words'; readonly words: string };

const MOST_SHOWN = 60;
/** What a fault of the whole body is of. */
export const BODY = 'the body';

/** A sentence that names the field and the value: `Cannot use '7' as period: it is no month such as '2026-11'`. */
export function faultSentence(fault: SchemaFault, name: string, given: unknown): string {
  // No body at all comes as `null`.
  if (given === undefined || (given === null && name === BODY)) return `${name} is missing`;
  return `Cannot use ${shown(given)} as ${name}: ${why(fault, given)}`;
}

function why(fault: SchemaFault, given: unknown): string {
  if (Array.isArray(given) && (fault.kind === 'no-number' || (fault.kind === 'type' && fault.expected === 'string'))) {
    return 'it is given more than once';
  }
  switch (fault.kind) {
    case 'no-number':
      return 'it is no whole number';
    case 'type':
      return `it is no ${TYPES[fault.expected] ?? fault.expected}`;
    case 'too-small':
      return least(fault.of, fault.least);
    case 'too-big':
      return most(fault.of, fault.most);
    case 'values':
      return fault.values.length === 1 ? `it is not ${fault.values[0]}` : `it is none of ${fault.values.join(', ')}`;
    case 'format':
      return fault.words;
    case 'words':
      return fault.words;
    default:
      return fault satisfies never;
  }
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  int: 'whole number',
  number: 'number',
  boolean: `'true' or 'false'`,
  object: 'object',
  array: 'list',
};

function least(of: string, bound: string): string {
  if (of === 'string') return bound === '1' ? 'it is empty' : `it has fewer than ${bound} characters`;
  return of === 'array' ? `it has fewer than ${bound}` : `it is less than ${bound}`;
}

function most(of: string, bound: string): string {
  if (of === 'string') return `it has more than ${bound} characters`;
  return of === 'array' ? `it has more than ${bound}` : `it is more than ${bound}`;
}

/** A value as it was given, short. */
function shown(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  const text = String(value);
  return `'${text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text}'`;
}
