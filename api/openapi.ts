import type { FastifyInstance, RouteOptions } from 'fastify';
import swagger from '@fastify/swagger';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { API_PROBLEMS, tidyDocument } from './tidy-document.ts';

/** The OpenAPI document as plain JSON. */
export type ApiDocument = Readonly<Record<string, unknown>>;

/** The media types of a body, each with the JSON schema of what stands in it. */
export type BodyContent = Readonly<Record<string, { readonly schema: object }>>;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the body is, of a route that reads it by itself as it comes. */
    bodyContent?: BodyContent;
  }
  interface FastifyInstance {
    /** Every route that was added, HEAD of a GET too, in the order in which they were added. */
    routeTable: RouteOptions[];
  }
}

const DESCRIPTION = `Rated usage, fair use and what is decided on it.

Every answer that is no success is a problem (RFC 9457, \`application/problem+json\`) with a \`code\` that never changes
its meaning. Unknown parameters and fields are faults. Instants are ISO 8601, UTC, with milliseconds; money is decimal
text with six digits; telephone numbers are E.164. No text holds U+0000.`;

/** Describes the routes that are added after it: what `documentOf` says. */
export async function describeRoutes(app: FastifyInstance, version: string): Promise<void> {
  app.decorate('routeTable', []);
  app.addHook('onRoute', (route) => void app.routeTable.push(route));
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Fairtally', version, description: DESCRIPTION },
      components: {
        securitySchemes: {
          password: {
            type: 'http',
            scheme: 'basic',
            description: 'The key as the password, for switches that can send nothing else; with records alone',
          },
          key: { type: 'http', scheme: 'bearer', description: `A key ('ft_…'), or a token of who lets people in` },
        },
      },
      security: [{ key: [] }],
    },
    transform: ({ route, ...rest }) => {
      const { schema, url } = jsonSchemaTransform({ route, ...rest });
      if (schema === undefined || 'hide' in schema) return { schema, url };
      return { schema: withScope(schema as Described, route), url };
    },
    transformObject: jsonSchemaTransformObject,
  });
}

interface Described {
  readonly response?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  readonly description?: string;
}

/** What follows for every route from its scope and from its having a body: nobody writes it again at each. */
function withScope(schema: Described, { config, method, url }: RouteOptions): object {
  const scope = config?.scope;
  const isOpen = scope === 'open';
  const isWrite = !/GET|HEAD/.test(String(method));
  const content = config?.bodyContent;
  const body = content === undefined ? schema.body : { content };
  const statuses = [
    400,
    429,
    431,
    503,
    ...(isOpen ? [] : [401, 403]),
    // Of an idempotency key that was used for another request.
    ...(isWrite ? [409] : []),
    ...(body === undefined ? [] : [413, 415]),
  ];
  const needs = needsOf(String(scope));
  return {
    operationId: operationIdOf(String(method), url),
    tags: [/^\/v1\/([\w-]+)/.exec(url)?.[1] ?? 'operating'],
    ...schema,
    ...(body === undefined ? {} : { body }),
    description: schema.description === undefined ? needs : `${schema.description}\n\n${needs}`,
    ...(isOpen ? { security: [] } : scope === 'cdrs:write' ? { security: [{ key: [] }, { password: [] }] } : {}),
    response: {
      ...Object.fromEntries(statuses.map((status) => [status, API_PROBLEMS])),
      ...schema.response,
      ...Object.fromEntries(COME_AGAIN.map((status) => [status, { ...API_PROBLEMS, headers: RETRY_AFTER }])),
    },
  };
}

/** Problems that go by themselves, and say after how many seconds to ask again. */
const COME_AGAIN = [429, 503] as const;
const RETRY_AFTER = {
  'Retry-After': { type: 'integer', description: 'Seconds to wait before it is sent again' },
} as const;

function needsOf(scope: string): string {
  if (scope === 'open') return 'Open to anyone.';
  return scope === 'any-key' ? 'Any key that is in force.' : `Scope: \`${scope}\`.`;
}

/** `GET /v1/cases/:line/:period`: `getCasesLinePeriod`. */
function operationIdOf(method: string, url: string): string {
  const words = url
    .replace(/^\/v1/, '')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '');
  return method.toLowerCase() + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

/** The document of the whole API, the same for the same routes. */
export function documentOf(app: FastifyInstance): ApiDocument {
  return tidyDocument(app.swagger() as unknown as Record<string, unknown>);
}
