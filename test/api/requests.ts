import * as fc from 'fast-check';
import { arbitraryOf } from './arbitrary-of.ts';
import type { Json } from './narrowings.ts';

/** An operation of the document, as far as requests are made of it. */
export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly { name: string; in: string; required?: boolean; schema: Json }[];
  /** By media type. */
  readonly bodies: Readonly<Record<string, { schema?: Json }>>;
  readonly isOpen: boolean;
  readonly statuses: readonly string[];
}

/** A request that is ready to be sent. */
export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly query: readonly (readonly [string, string])[];
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | null;
}

interface DocumentedItem {
  readonly parameters?: Operation['parameters'];
  readonly requestBody?: { readonly content: Operation['bodies'] };
  readonly security?: readonly object[];
  readonly responses: object;
}

export function operationsOf(document: Json): Operation[] {
  const { paths } = document as unknown as { paths: Record<string, Record<string, DocumentedItem>> };
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, { parameters = [], requestBody, security, responses }]) => ({
      method: method.toUpperCase(),
      path,
      parameters,
      bodies: requestBody?.content ?? {},
      isOpen: security?.length === 0,
      statuses: Object.keys(responses),
    })),
  );
}

/** Requests that the document lets in: what they ask for need not be there. */
export function lawfulRequests(operation: Operation, document: Json): fc.Arbitrary<ApiRequest> {
  const { method, path, parameters, bodies } = operation;
  const values = fc.record(
    Object.fromEntries(parameters.map((each) => [`${each.in} ${each.name}`, arbitraryOf(each.schema, document)])),
    { requiredKeys: parameters.filter(({ required }) => required === true).map((each) => `${each.in} ${each.name}`) },
  ) as fc.Arbitrary<Record<string, Json>>;
  const contents = Object.entries(bodies).map(([type, { schema = {} }]) =>
    arbitraryOf(schema, document).map((value) => ({
      type,
      body: typeof value === 'string' ? value : JSON.stringify(value),
    })),
  );
  const content = contents.length === 0 ? fc.constant(null) : fc.oneof(...contents);
  return fc.tuple(values, content).map(([chosen, sent]) => {
    const of = (place: string): [string, string][] =>
      Object.entries(chosen).flatMap(([key, value]) => {
        const [where, name = ''] = key.split(' ');
        return where === place ? [[name, textOf(value)] as [string, string]] : [];
      });
    const inPath = new Map(of('path'));
    return {
      method,
      path: path.replaceAll(/\{(\w+)\}/g, (_, name: string) => inPath.get(name) ?? ''),
      query: of('query'),
      headers: {
        ...Object.fromEntries(of('header').map(([name, value]) => [name, value.replaceAll(/[^\x20-\x7e]/g, '')])),
        ...(sent === null ? {} : { 'content-type': sent.type }),
      },
      body: sent?.body ?? null,
    };
  });
}

/** The same with one thing wrong with it, in ways that clients have. */
export function spoiled(request: fc.Arbitrary<ApiRequest>): fc.Arbitrary<ApiRequest> {
  const odd = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom(
      '',
      '\0',
      'null',
      '-1',
      '9'.repeat(400),
      '1e999',
      '%',
      '../..',
      `'; drop table entry`,
      '\ud800',
      '{}',
    ),
    fc.integer({ min: 1, max: 9_000 }).map((length) => 'A'.repeat(length)),
  );
  return fc.tuple(request, odd, fc.nat(), fc.nat({ max: 8 })).map(([asked, text, which, how]): ApiRequest => {
    const query = asked.query.map((pair, at) =>
      at === which % asked.query.length ? ([pair[0], text] as const) : pair,
    );
    switch (how) {
      case 0:
        return { ...asked, query };
      case 1:
        return { ...asked, query: [...asked.query, ['limitt', text]] };
      case 2:
        return { ...asked, query: [...asked.query, ...asked.query] };
      case 3:
        return { ...asked, path: partReplaced(asked.path, which, text) };
      case 4:
        return { ...asked, body: withField(asked.body, which, text) };
      case 5:
        return { ...asked, headers: { ...asked.headers, 'content-type': text.replaceAll(/[^\x21-\x7e]/g, '') || 'x' } };
      case 6:
        return { ...asked, body: cut(asked.body, which) };
      case 7:
        // gzip that ends too early: whatever the body is.
        return {
          ...asked,
          headers: { ...asked.headers, 'content-encoding': 'gzip' },
          body: new Uint8Array([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, which & 0xff]),
        };
      default:
        return { ...asked, headers: { ...asked.headers, accept: 'image/png', range: 'bytes=9-', expect: 'x' } };
    }
  });
}

function partReplaced(path: string, which: number, text: string): string {
  const parts = path.split('/');
  parts[1 + (which % (parts.length - 1))] = text;
  return parts.join('/');
}

function withField(body: ApiRequest['body'], which: number, text: string): ApiRequest['body'] {
  if (typeof body !== 'string') return text;
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value !== 'object' || value === null) return text;
    const names = [...Object.keys(value), 'unknown'];
    const odd = [text, null, [], {}, 1e300, -1, true][which % 7];
    return JSON.stringify({ ...value, [names[which % names.length]!]: odd });
  } catch {
    return text;
  }
}

function cut(body: ApiRequest['body'], which: number): ApiRequest['body'] {
  return typeof body === 'string' ? body.slice(0, which % (body.length + 1)) : body;
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
