export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
type JsonObject = { [name: string]: Json };
/** Which way a shape goes: what clients send may be widened only, what they are answered may be added to only. */
type Way = 'in' | 'out';

const METHODS = ['get', 'put', 'post', 'patch', 'delete'];
const KEPT_IN = ['type', 'pattern', 'format', 'const'] as const;
const UPPER = ['maximum', 'maxLength', 'maxItems'] as const;
const LOWER = ['minimum', 'minLength', 'minItems'] as const;

/** What a client of the document `before` could trip over under `after`, one line each. */
export function narrowings(before: Json, after: Json): string[] {
  return new Comparison(before, after).faults;
}

function same(one: JsonObject, other: JsonObject): boolean {
  return one['name'] === other['name'] && one['in'] === other['in'];
}

class Comparison {
  readonly faults: string[] = [];
  readonly #before: Json;
  readonly #after: Json;
  /** Pairs that are compared already, or are being compared: shapes may hold themselves. */
  readonly #seen = new Set<string>();

  constructor(before: Json, after: Json) {
    this.#before = before;
    this.#after = after;
    for (const [path, item] of entriesOf(at(before, 'paths'))) this.#compareItem(path, item);
  }

  #compareItem(path: string, item: Json): void {
    for (const method of METHODS.filter((each) => at(item, each) !== undefined)) {
      const place = `${method.toUpperCase()} ${path}`;
      const now = at(at(at(this.#after, 'paths'), path), method);
      if (now === undefined) this.faults.push(`${place} is gone`);
      else this.#compareOperation(place, at(item, method)!, now);
    }
  }

  #compareOperation(place: string, was: Json, now: Json): void {
    const parameters = (each: Json): JsonObject[] => (at(each, 'parameters') ?? []) as JsonObject[];
    for (const old of parameters(was)) {
      const kept = parameters(now).find((each) => same(each, old));
      const name = `${place}: parameter ${String(old['name'])}`;
      if (kept === undefined) this.faults.push(`${name} is gone`);
      else this.#compareSchema(name, at(old, 'schema') ?? {}, at(kept, 'schema') ?? {}, 'in');
    }
    for (const each of parameters(now).filter(({ required }) => required === true)) {
      const old = parameters(was).find((other) => same(other, each));
      if (old?.['required'] !== true) this.faults.push(`${place}: parameter ${String(each['name'])} is required now`);
    }
    if (at(was, 'requestBody') === undefined && at(at(now, 'requestBody'), 'required') === true) {
      this.faults.push(`${place}: a body is required now`);
    }
    this.#compareContent(`${place}: body`, at(was, 'requestBody'), at(now, 'requestBody'), 'in');
    for (const [status, answer] of entriesOf(at(was, 'responses'))) {
      const kept = at(at(now, 'responses'), status);
      if (kept === undefined) this.faults.push(`${place}: ${status} is gone`);
      else this.#compareContent(`${place}: ${status}`, answer, kept, 'out');
    }
  }

  #compareContent(place: string, was: Json | undefined, now: Json | undefined, way: Way): void {
    for (const [type, { schema }] of entriesOf(at(was, 'content')) as [string, JsonObject][]) {
      const kept = at(at(now, 'content'), type);
      if (kept === undefined) this.faults.push(`${place}: ${type} is gone`);
      else this.#compareSchema(`${place} ${type}`, schema ?? {}, at(kept, 'schema') ?? {}, way);
    }
  }

  #compareSchema(place: string, oldSchema: Json, newSchema: Json, way: Way): void {
    const key = `${way} ${JSON.stringify(oldSchema)} ${JSON.stringify(newSchema)}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    const was = resolved(this.#before, oldSchema);
    const now = resolved(this.#after, newSchema);
    this.#compareKeywords(place, was, now, way);
    this.#compareFields(place, was, now, way);
    const [items, itemsNow] = [at(was, 'items'), at(now, 'items')];
    if (items !== undefined) this.#compareSchema(`${place}[]`, items, itemsNow ?? {}, way);
    const choices = choicesOf(was);
    const choicesNow = choicesOf(now);
    for (const [index, choice] of choices.entries()) {
      if (choicesNow[index] === undefined) this.faults.push(`${place}: a choice is gone`);
      else this.#compareSchema(`${place}|${index}`, choice, choicesNow[index], way);
    }
    if (way === 'out' && choicesNow.length > choices.length) this.faults.push(`${place}: a choice more comes out`);
  }

  #compareKeywords(place: string, was: Json, now: Json, way: Way): void {
    const say = (keyword: string): void => {
      const [old, current] = [at(was, keyword), at(now, keyword)];
      this.faults.push(`${place}: ${keyword} ${JSON.stringify(old)} became ${JSON.stringify(current)}`);
    };
    for (const keyword of KEPT_IN) {
      const [old, current] = [at(was, keyword), at(now, keyword)];
      const isDropped = way === 'in' && current === undefined;
      if (JSON.stringify(old) !== JSON.stringify(current) && !isDropped) say(keyword);
    }
    const [narrow, wide] = way === 'in' ? [was, now] : [now, was];
    // What goes in may be as wide as it was at least, what comes out at most.
    for (const keyword of UPPER)
      if (numberAt(wide, keyword, Infinity) < numberAt(narrow, keyword, Infinity)) say(keyword);
    for (const keyword of LOWER)
      if (numberAt(wide, keyword, -Infinity) > numberAt(narrow, keyword, -Infinity)) say(keyword);
    const [few, many] = [at(narrow, 'enum'), at(wide, 'enum')] as [Json[] | undefined, Json[] | undefined];
    if (many !== undefined && !(few ?? [null]).every((value) => many.includes(value))) say('enum');
  }

  #compareFields(place: string, was: Json, now: Json, way: Way): void {
    const required = (schema: Json): Json[] => (at(schema, 'required') ?? []) as Json[];
    const [less, more] = way === 'in' ? [now, was] : [was, now];
    const gone = required(less).filter((name) => !required(more).includes(name));
    if (gone.length > 0) this.faults.push(`${place}: required differs in ${gone.join(', ')}`);
    for (const [name, schema] of entriesOf(at(was, 'properties'))) {
      const kept = at(at(now, 'properties'), name);
      if (kept === undefined) this.faults.push(`${place}/${name} is gone`);
      else this.#compareSchema(`${place}/${name}`, schema, kept, way);
    }
  }
}

function choicesOf(schema: Json): Json[] {
  return (at(schema, 'anyOf') ?? at(schema, 'oneOf') ?? []) as Json[];
}

function numberAt(schema: Json, keyword: string, absent: number): number {
  const value = at(schema, keyword);
  return typeof value === 'number' ? value : absent;
}

function resolved(document: Json, schema: Json): Json {
  const ref = at(schema, '$ref');
  if (typeof ref !== 'string') return schema;
  return at(at(at(document, 'components'), 'schemas'), ref.split('/').at(-1)!) ?? {};
}

function at(value: Json | undefined, name: string): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value[name] : undefined;
}

function entriesOf(value: Json | undefined): [string, Json][] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}
