import type { FastifySchemaCompiler } from 'fastify';
import { z } from 'zod';
import { NotLetInError } from './not-let-in.ts';
import { type FieldProblem, httpProblem } from './problem.ts';
import { BODY, type SchemaFault, faultSentence } from './schema-faults.ts';

/**
 * Checks what comes in against its schema, and says of each field that is wrong what it is and what is wanted. Beside,
 * and whatever the schema says: no text holds U+0000, of which PostgreSQL keeps none, or half a surrogate pair, which
 * is no letter; and a whole number is written as one, since `1e2`, ` 1` and nothing at all would count as numbers too.
 */
export const validatorCompiler: FastifySchemaCompiler<z.ZodType> = ({ schema, httpPart }) => {
  const isText = httpPart === 'querystring' || httpPart === 'params';
  return (data: unknown) => {
    const unreadable = [...unreadableTexts(data, ''), ...(isText ? unreadableNumbers(schema, data) : [])];
    const result = schema.safeParse(data);
    if (result.success && unreadable.length === 0) return { value: result.data };
    const known = new Set(unreadable.map(({ pointer }) => pointer));
    const others = result.success ? [] : result.error.issues.flatMap((issue) => problemsOf(issue, data));
    const faults = [...unreadable, ...others.filter(({ pointer }) => !known.has(pointer))];
    const detail = 'Fields or parameters are wrong: see errors';
    return { error: new NotLetInError(httpProblem('invalid-request', detail, faults)) };
  };
};

/** Every text that nobody can keep; one that is in the name of a field is told of at the field's place. */
function unreadableTexts(value: unknown, pointer: string): FieldProblem[] {
  if (typeof value === 'string') {
    const why = value.includes('\0') ? 'It holds U+0000' : value.isWellFormed() ? null : 'It holds half a letter';
    return why === null ? [] : [{ code: 'invalid-value', detail: why, pointer }];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, each]) =>
    name.includes('\0') || !name.isWellFormed()
      ? [{ code: 'invalid-value', detail: 'The name of a field in it holds U+0000, or half a letter', pointer }]
      : unreadableTexts(each, `${pointer}/${pointerPart(name)}`),
  );
}

const WHOLE_NUMBER = /^-?\d{1,16}$/;

/** Parameters that are to be numbers, and are written as something that JavaScript takes for one. */
function unreadableNumbers(schema: z.ZodType, data: unknown): FieldProblem[] {
  if (!(schema instanceof z.ZodObject) || typeof data !== 'object' || data === null) return [];
  return Object.entries(data).flatMap(([name, given]: [string, unknown]) => {
    if (!isNumber(schema.shape[name]) || (typeof given === 'string' && WHOLE_NUMBER.test(given))) return [];
    const detail = faultSentence({ kind: 'no-number' }, name, given);
    return [{ code: 'invalid-value', detail, pointer: `/${pointerPart(name)}` }];
  });
}

function isNumber(type: unknown): boolean {
  if (!(type instanceof z.ZodType)) return false;
  const { def } = type as z.ZodType & { readonly def: { readonly innerType?: unknown } };
  return 'innerType' in def ? isNumber(def.innerType) : def.type === 'number';
}

/** What is wrong, field by field; one that nobody knows by its own name. */
function problemsOf(issue: z.core.$ZodIssue, data: unknown): FieldProblem[] {
  const pointer = issue.path.map((part) => `/${pointerPart(String(part))}`).join('');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((name) => ({
      code: 'unknown-field',
      detail: `There is no such field or parameter: '${name}'`,
      pointer: `${pointer}/${pointerPart(name)}`,
    }));
  }
  const given = issue.path.reduce<unknown>((value, part) => Reflect.get(Object(value), part), data);
  const name = String(issue.path.findLast((part) => typeof part === 'string') ?? BODY);
  return [{ code: 'invalid-value', detail: faultSentence(asFault(issue), name, given), pointer }];
}

function asFault(issue: z.core.$ZodIssue): SchemaFault {
  switch (issue.code) {
    case 'invalid_type':
      return { kind: 'type', expected: issue.expected };
    case 'too_small':
      return { kind: 'too-small', of: issue.origin, least: String(issue.minimum) };
    case 'too_big':
      return { kind: 'too-big', of: issue.origin, most: String(issue.maximum) };
    case 'invalid_value':
      return { kind: 'values', values: issue.values.map(String) };
    case 'invalid_format':
      return { kind: 'format', words: issue.message, format: issue.format };
    case 'invalid_union':
      return { kind: 'words', words: 'it has none of the forms that the document lists' };
    default:
      return { kind: 'words', words: issue.message };
  }
}

/** A part of a JSON pointer (RFC 6901). */
function pointerPart(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
