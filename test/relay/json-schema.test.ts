import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { EVENT_SCHEMAS, jsonSchemaOf, type RelayedType } from '../../relay/index.ts';

const FOLDER = new URL('../../docs/reference/schemas/', import.meta.url);
const TYPES = Object.keys(EVENT_SCHEMAS) as RelayedType[];
const page = readFileSync(new URL('../../docs/reference/events.md', import.meta.url), 'utf8');

describe('docs/reference/schemas', () => {
  it('has a file for each type of event, and no other', () => {
    expect(readdirSync(FOLDER).toSorted()).toEqual(TYPES.map((type) => `${type}.json`).toSorted());
  });

  it.each(TYPES)('says what the code says of %s (UPDATE_SCHEMA=1 writes it)', (type) => {
    const file = new URL(`${type}.json`, FOLDER);
    const schema: unknown = JSON.parse(JSON.stringify(jsonSchemaOf(type)));
    if (process.env['UPDATE_SCHEMA'] === '1') writeFileSync(file, `${JSON.stringify(schema, null, 2)}\n`);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(schema);
  });
});

/** The examples of docs/reference/events.md, whole events, by type. */
function examples(): { readonly type: RelayedType; readonly data: unknown }[] {
  return [...page.matchAll(/```json\n(.*?)```/gs)].map(([, json = '']) => JSON.parse(json));
}

describe('docs/reference/events.md', () => {
  it('has an example of each type of event', () => {
    expect(examples().map(({ type }) => type)).toEqual(TYPES);
  });

  it.each(examples())('has an example of $type that its schema allows', ({ type, data }) => {
    expect(EVENT_SCHEMAS[type].safeParse(data).error?.issues).toBeUndefined();
  });

  it.each(TYPES)('names every field of %s', (type) => {
    const missing = Object.keys(EVENT_SCHEMAS[type].shape).filter((field) => !page.includes(`\`${field}\``));
    expect(missing).toEqual([]);
  });
});
