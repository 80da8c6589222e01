import { validatorCompiler as compilerOfZod } from 'fastify-type-provider-zod';
import { NotLetInError } from './not-let-in.ts';
import { type FieldProblem, httpProblem } from './problem.ts';

type Compiler = typeof compilerOfZod;

/**
 * Checks what comes in against its schema; no field or parameter may hold U+0000 beside, whatever the schema says:
 * PostgreSQL keeps none, and no name, note or cursor has one. A body that is text is left to who reads it.
 */
export const validatorCompiler: Compiler = (asked) => {
  const validate = compilerOfZod(asked) as (data: unknown) => ReturnType<ReturnType<Compiler>>;
  return (data: unknown) => {
    const result = validate(data);
    if (typeof result !== 'object' || !('value' in result)) return result;
    const pointer = typeof data === 'string' ? null : placeOfNul(data, '');
    if (pointer === null) return result;
    const fault = { code: 'invalid-value', detail: 'It holds U+0000', pointer: pointer === '' ? '/' : pointer };
    return { error: new NotLetInError(httpProblem('invalid-request', 'U+0000 is in no text: see errors', [fault])) };
  };
};

/** JSON pointer to the first text with U+0000, or to the field that has it in its name. */
function placeOfNul(value: unknown, pointer: string): string | null {
  if (typeof value === 'string') return value.includes('\0') ? pointer : null;
  if (typeof value !== 'object' || value === null) return null;
  for (const [name, each] of Object.entries(value)) {
    if (name.includes('\0')) return pointer;
    const place = placeOfNul(each, `${pointer}/${name}`);
    if (place !== null) return place;
  }
  return null;
}

interface ZodFault {
  readonly instancePath: string;
  readonly message?: string;
  readonly params?: { readonly keys?: readonly string[] };
}

/** What is wrong, field by field; one that nobody knows by its own name. */
export function fieldsOf({ instancePath, message = '', params }: ZodFault): FieldProblem[] {
  const unknown = params?.keys;
  if (unknown === undefined) return [{ code: 'invalid-value', detail: message, pointer: instancePath }];
  const within = instancePath === '/' ? '' : instancePath;
  return unknown.map((name) => ({
    code: 'unknown-field',
    detail: 'There is no such field or parameter',
    pointer: `${within}/${name}`,
  }));
}
