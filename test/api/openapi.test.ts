import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { documentOf } from '../../api/openapi.ts';
import { versionOfProject } from '../../bin/version-of-project.ts';
import { PROJECT_ROOT } from '../support/source-files.ts';
import { type Json, narrowings } from './narrowings.ts';
import { type RunningApi, runningApi } from './running-api.ts';

const FILE = join(PROJECT_ROOT, 'docs/reference/openapi.json');

let api: RunningApi;
beforeAll(async () => {
  api = await runningApi();
});
afterAll(() => api.close());

/** What is in the repository; nothing before there was any. */
function committed(): Json {
  return existsSync(FILE) ? (JSON.parse(readFileSync(FILE, 'utf8')) as Json) : {};
}

describe('docs/reference/openapi.json', () => {
  it('is what the API says of itself, and nothing in it is taken away or narrowed', () => {
    const document = JSON.parse(JSON.stringify(documentOf(api.app))) as Json;
    expect(narrowings(committed(), document)).toEqual([]);
    if (process.env['UPDATE_SCHEMA'] === '1') writeFileSync(FILE, `${JSON.stringify(document, null, 2)}\n`);
    expect(document, 'UPDATE_SCHEMA=1 npx vitest run test/api/openapi.test.ts writes it anew').toEqual(committed());
  });

  it('is served to anyone', async () => {
    const answer = await fetch(`${api.url}/openapi.json`);
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(await answer.json()).toMatchObject({
      openapi: '3.1.0',
      info: { title: 'Fairtally', version: versionOfProject() },
    });
  });

  it('names each shape once, and documents every route with its scope and with problems as problems', () => {
    const document = committed() as unknown as {
      paths: Record<string, Record<string, Described>>;
      components: { schemas: object };
    };
    const names = Object.keys(document.components.schemas);
    const twice = names.filter((name) => names.includes(`${name}Input`));
    const same = twice.filter((name) => {
      const schemas = document.components.schemas as Record<string, Json>;
      return JSON.stringify(schemas[name]) === JSON.stringify(schemas[`${name}Input`]);
    });
    expect(same).toEqual([]);
    for (const [path, item] of Object.entries(document.paths)) {
      for (const [method, { description, responses, summary }] of Object.entries(item)) {
        expect(description, `${method} ${path}`).toMatch(
          /Scope: `[\w:]+`\.$|Open to anyone\.$|Any key that is in force\.$/,
        );
        expect(summary, `${method} ${path}`).toBeTruthy();
        const problems = Object.entries(responses).filter(([status]) => Number(status) >= 400);
        for (const [status, { content }] of problems) {
          expect(Object.keys(content), `${method} ${path} ${status}`).toEqual(['application/problem+json']);
        }
      }
    }
  });
});

interface Described {
  readonly description: string;
  readonly summary: string;
  readonly responses: Readonly<Record<string, { readonly content: object }>>;
}

describe('what may not be done to a document', () => {
  const before = committed();
  const changes: readonly (readonly [string, (document: Loose) => void, RegExp])[] = [
    ['a path goes', ({ paths }) => delete paths['/v1/usage'], /\/v1\/usage/],
    ['a method goes', ({ paths }) => delete paths['/v1/cases'].get, /\/v1\/cases/],
    ['a parameter goes', ({ paths }) => paths['/v1/usage'].get.parameters.shift(), /parameter/],
    ['a parameter is asked for', ({ paths }) => (paths['/v1/usage'].get.parameters[0].required = true), /required/],
    [
      'a new parameter is asked for',
      ({ paths }) => paths['/v1/usage'].get.parameters.push({ name: 'x', in: 'query', required: true, schema: {} }),
      /required/,
    ],
    ['a choice in goes', ({ paths }) => parameterOf(paths, 'kind').enum.pop(), /enum/],
    ['a bound in is drawn', ({ paths }) => (parameterOf(paths, 'limit').maximum = 10), /maximum/],
    ['a pattern in changes', ({ paths }) => (parameterOf(paths, 'period').pattern = '^x$'), /pattern/],
    ['a type changes', ({ paths }) => (parameterOf(paths, 'limit').type = 'boolean'), /type/],
    ['a field out goes', ({ components }) => delete components.schemas.CasePage.properties.next, /next/],
    ['a field out may be left out', ({ components }) => components.schemas.CasePage.required.pop(), /required/],
    ['an answer out gets another choice', ({ components }) => stateOf(components).push('new'), /enum/],
    ['an answer goes', ({ paths }) => delete paths['/v1/cases'].get.responses['200'], /200/],
  ];
  it.each(changes)('%s', (_, change, said) => {
    const after = structuredClone(before) as Loose;
    change(after);
    expect(narrowings(before, after).join('\n')).toMatch(said);
    expect(narrowings(before, structuredClone(before))).toEqual([]);
  });

  it('what is added is no fault', () => {
    const after = structuredClone(before) as Loose;
    after.paths['/v1/new'] = structuredClone(after.paths['/v1/cases']);
    after.paths['/v1/usage'].get.parameters.push({ name: 'x', in: 'query', schema: { type: 'string' } });
    after.components.schemas.CasePage.properties.more = { type: 'string' };
    parameterOf(after.paths, 'kind').enum.push('snoozed');
    expect(narrowings(before, after)).toEqual([]);
  });
});

/** A document that tests spoil. */
type Loose = ReturnType<typeof JSON.parse>;

function parameterOf(paths: Loose, name: string): Loose {
  return paths['/v1/usage'].get.parameters.find((each: Loose) => each.name === name).schema;
}

function stateOf({ schemas }: Loose): string[] {
  return schemas.ListedCase.properties.state.enum;
}
