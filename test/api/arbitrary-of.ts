import * as fc from 'fast-check';
import type { Json } from './narrowings.ts';

type JsonObject = { [name: string]: Json };

/** Values that a JSON Schema of the API's document lets in; `document` has the shapes that it names. */
export function arbitraryOf(schema: Json, document: Json): fc.Arbitrary<Json> {
  const shape = schema as JsonObject;
  const ref = shape['$ref'];
  if (typeof ref === 'string') return arbitraryOf(shapeNamed(document, ref), document);
  if ('const' in shape) return fc.constant(shape['const']!);
  if (Array.isArray(shape['enum'])) return fc.constantFrom(...shape['enum']);
  const choices = (shape['anyOf'] ?? shape['oneOf']) as Json[] | undefined;
  if (choices !== undefined) return fc.oneof(...choices.map((choice) => arbitraryOf(choice, document)));
  const number = (name: string, absent: number): number => Number(shape[name] ?? absent);
  switch (shape['type']) {
    case 'string':
      return typeof shape['pattern'] === 'string'
        ? fc.stringMatching(new RegExp(shape['pattern']))
        : fc.string({ unit: 'binary', minLength: number('minLength', 0), maxLength: number('maxLength', 50) });
    case 'integer':
      return fc.integer({ min: number('minimum', -1_000_000), max: number('maximum', 1_000_000) });
    case 'number':
      return fc.double({ min: number('minimum', -1e9), max: number('maximum', 1e9), noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(arbitraryOf(shape['items'] ?? {}, document), {
        minLength: number('minItems', 0),
        maxLength: Math.min(5, number('maxItems', 5)),
      });
    case 'object':
      return objectOf(shape, document);
    default:
      return fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>;
  }
}

function objectOf(shape: JsonObject, document: Json): fc.Arbitrary<Json> {
  const fields = Object.entries((shape['properties'] ?? {}) as JsonObject);
  const record = Object.fromEntries(fields.map(([name, each]) => [name, arbitraryOf(each, document)]));
  const requiredKeys = ((shape['required'] ?? []) as string[]).filter((name) => name in record);
  return fc.record(record, { requiredKeys }) as fc.Arbitrary<Json>;
}

function shapeNamed(document: Json, ref: string): Json {
  const { components } = document as { components: { schemas: JsonObject } };
  return components.schemas[ref.split('/').at(-1)!] ?? {};
}
