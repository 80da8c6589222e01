type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
type JsonObject = { readonly [name: string]: Json };

const MOST_EXACT = Number.MAX_SAFE_INTEGER;
const SCHEMAS = '#/components/schemas/';

/** How a problem is documented, wherever there may be one. */
export const API_PROBLEMS = {
  description: 'A problem',
  content: { 'application/problem+json': { schema: { $ref: `${SCHEMAS}Problem` } } },
} as const;

/**
 * The document as people and generators want it: a shape that is the same in and out stands there once, whole numbers
 * have no least but one that means something, and what has no order of its own is sorted.
 */
export function tidyDocument(raw: object): Record<string, unknown> {
  const document = withoutNoise(JSON.parse(JSON.stringify(raw)) as Json) as Record<string, Json>;
  const components = document['components'] as JsonObject;
  const schemas = components['schemas'] as JsonObject;
  const text = JSON.stringify(document);
  const folded = Object.keys(schemas).filter(
    (name) => isSameIn(schemas, name) || (name.endsWith('Input') && !text.includes(`"${SCHEMAS}${name}"`)),
  );
  const renamed = new Map(folded.map((name) => [`${SCHEMAS}${name}`, `${SCHEMAS}${name.slice(0, -'Input'.length)}`]));
  const { components: _, paths, ...rest } = renameRefs(document, renamed) as Record<string, Json>;
  return {
    ...rest,
    paths: sorted(paths as JsonObject),
    components: {
      ...components,
      schemas: sorted(
        renameRefs(Object.fromEntries(Object.entries(schemas).filter(([name]) => !folded.includes(name))), renamed),
      ),
    },
  };
}

/** Whether `‹Name›Input` says the same as `‹Name›`. */
function isSameIn(schemas: JsonObject, name: string): boolean {
  const out = name.endsWith('Input') ? schemas[name.slice(0, -'Input'.length)] : undefined;
  if (out === undefined) return false;
  return plain(schemas[name]!) === plain(out);
}

/** A schema as text, with no difference between shapes in and out. */
function plain(schema: Json): string {
  return JSON.stringify(schema).replaceAll(/(components\/schemas\/\w+?)Input"/g, '$1"');
}

function renameRefs(value: Json, renamed: ReadonlyMap<string, string>): Json {
  if (Array.isArray(value)) return value.map((each: Json) => renameRefs(each, renamed));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      name,
      name === '$ref' && typeof each === 'string' ? (renamed.get(each) ?? each) : renameRefs(each, renamed),
    ]),
  );
}

function withoutNoise(value: Json): Json {
  if (Array.isArray(value)) return value.map((each: Json) => withoutNoise(each));
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(
    ([name, each]) =>
      !(name === 'minimum' && each === -MOST_EXACT) &&
      name !== '$schema' &&
      !(name === 'id' && value['$id'] !== undefined) &&
      !(name === 'pattern' && value['format'] === 'date-time'),
  );
  return Object.fromEntries(kept.map(([name, each]) => [name, withoutNoise(each)]));
}

function sorted(value: Json): Json {
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
