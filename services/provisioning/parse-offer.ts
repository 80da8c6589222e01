import { z } from 'zod';
import { shownJson } from '../../formats/index.ts';
import { type Offer, conditionById } from '../../rules/index.ts';
import { isTimeZone } from '../../tariffs/index.ts';
import { conditionInOffer } from './condition-settings.ts';

/**
 * One fault of an offer document: where (a JSON path such as `conditions[2].settings.maxNumbers`), and what is there.
 */
export interface OfferFault {
  readonly path: string;
  /** The value found, as JSON; `undefined` when nothing was there. */
  readonly value: string | undefined;
  readonly problem: string;
}

/** An offer, or everything that is wrong with its document. */
export type ParsedOffer =
  | { readonly kind: 'offer'; readonly offer: Offer }
  | { readonly kind: 'faults'; readonly faults: readonly OfferFault[] };

const offerDocument = z.strictObject({
  id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, `must be lower-case words joined by '-'`),
  name: z.string().min(1),
  timeZone: z.string().refine(isTimeZone, 'must be a time zone of the IANA list'),
  included: z.strictObject({
    classes: distinct(z.enum(['national-fixed', 'national-mobile'])),
    destinations: distinct(z.string().min(1)),
  }),
  conditions: z
    .array(conditionInOffer)
    .readonly()
    .superRefine((conditions, context) => {
      for (const [index, { id, effect }] of conditions.entries()) {
        if (conditions.findIndex((other) => other.id === id) < index) {
          context.addIssue({
            code: 'custom',
            path: [index, 'id'],
            message: 'stands twice: each condition has one place',
          });
        }
        const unfit = conditionById(id).effectFault(effect);
        if (unfit !== null) {
          context.addIssue({ code: 'custom', path: [index, 'effect', ...unfit.path], message: unfit.problem });
        }
      }
    }),
});

function distinct<T extends z.ZodType<string>>(element: T) {
  return z
    .array(element)
    .readonly()
    .superRefine((names, context) => {
      for (const [index, name] of names.entries()) {
        if (names.indexOf(name) < index) context.addIssue({ code: 'custom', path: [index], message: 'stands twice' });
      }
    });
}

/**
 * Reads the text of an offer document (`docs/reference/commands.md`, "offers"). Unknown keys are faults, and
 * destination names must be the plan's (`destinations`, all of its names) since calls to any other would never be
 * included.
 */
export function parseOffer(text: string, destinations: ReadonlySet<string>): ParsedOffer {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    const problem = `is no JSON: ${cause instanceof Error ? cause.message : String(cause)}`;
    return { kind: 'faults', faults: [{ path: '', value: undefined, problem }] };
  }
  const read = offerDocument.safeParse(document);
  if (!read.success) return { kind: 'faults', faults: read.error.issues.flatMap((issue) => faultsOf(issue, document)) };
  const faults = read.data.included.destinations.flatMap((name, index): OfferFault[] =>
    destinations.has(name)
      ? []
      : [
          {
            path: `included.destinations[${index}]`,
            value: JSON.stringify(name),
            problem: 'is no destination of the numbering plan: calls there would never be included',
          },
        ],
  );
  return faults.length > 0 ? { kind: 'faults', faults } : { kind: 'offer', offer: read.data };
}

/** `conditions[2].settings.maxNumbers: found "150", Invalid input: expected number`, for a person. */
export function formatOfferFault(file: string, { path, value, problem }: OfferFault): string {
  const place = path === '' ? 'the document' : `'${path}'`;
  const found = value === undefined ? '' : ` (found ${value.length > 60 ? `${value.slice(0, 59)}…` : value})`;
  return `Cannot read offer '${file}': ${place} ${problem}${found}`;
}

function faultsOf(issue: z.core.$ZodIssue, document: unknown): OfferFault[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => fault([...issue.path, key], document, 'is not known'));
  }
  return [fault(issue.path, document, problemOf(issue))];
}

function problemOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${article(issue.expected)}`;
    case 'invalid_value':
      return `must be one of ${issue.values.map((value) => `'${String(value)}'`).join(', ')}`;
    case 'invalid_union':
      return `must be the id of a condition`;
    case 'too_small':
      return `must be at least ${String(issue.minimum)}`;
    case 'too_big':
      return `must be at most ${String(issue.maximum)}`;
    default:
      return issue.message;
  }
}

function article(type: string): string {
  if (type === 'int') return 'a whole number';
  return `${/^[aeiou]/.test(type) ? 'an' : 'a'} ${type}`;
}

function fault(path: readonly PropertyKey[], document: unknown, problem: string): OfferFault {
  const value = path.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined),
    document,
  );
  return { path: pathText(path), value: value === undefined ? undefined : shownJson(value), problem };
}

function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index === 0 ? '' : '.'}${String(key)}`))
    .join('');
}
