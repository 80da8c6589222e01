import { request as httpRequest } from 'node:http';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { documentOf } from '../../api/openapi.ts';
import type { Json } from './narrowings.ts';
import { type ApiRequest, lawfulRequests, operationsOf, spoiled } from './requests.ts';
import { type RunningApi, runningApi } from './running-api.ts';

const SEED = { seed: Number(process.env['SEED'] ?? 20_261_129) };
const RUNS = Number(process.env['API_RUNS'] ?? 60);

let api: RunningApi;
let document: Json;
beforeAll(async () => {
  // Everything is asked by one key: no bound of requests is to be in the way.
  api = await runningApi({ rate: { requests: 1_000_000, seconds: 1 } });
  document = JSON.parse(JSON.stringify(documentOf(api.app))) as Json;
});
afterAll(() => api.close());

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** Sends a request as it is: `fetch` would set things right that are wrong. */
function send({ method, path, query, headers, body }: ApiRequest): Promise<Answer> {
  const search = query.map(([name, value]) => `${encoded(name)}=${encoded(value)}`).join('&');
  const url = `${path.split('/').map(encoded).join('/')}${search === '' ? '' : `?${search}`}`;
  const { hostname, port } = new URL(api.url);
  return new Promise((resolve, reject) => {
    const asked = httpRequest(
      { hostname, port, method, path: url, headers: { authorization: `Bearer ${api.key}`, ...headers } },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          resolve({ status: response.statusCode ?? 0, type: String(response.headers['content-type'] ?? ''), text });
        });
      },
    );
    asked.on('error', reject);
    asked.end(body ?? undefined);
  });
}

/** Half a surrogate pair can't be sent: it goes as what stands for it. */
function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

/** What is wrong with an answer: it is a fault of ours, or says badly what is the matter; `null`: nothing. */
async function faultOf(asked: ApiRequest): Promise<string | null> {
  const answer = await send(asked);
  const told = `${JSON.stringify(asked).slice(0, 2_000)}\n${answer.text.slice(0, 500)}\n${api.log.at(-1) ?? ''}`;
  if (answer.status >= 500) return `${answer.status} on ${told}`;
  if (answer.status < 400) return null;
  if (answer.type !== 'application/problem+json') return `${answer.type} on ${told}`;
  const { status, code } = JSON.parse(answer.text) as { status: unknown; code: unknown };
  return status === answer.status && typeof code === 'string' ? null : `no problem on ${told}`;
}

describe('no input gives a 500', () => {
  it('on any route, as the document lets it in or with one thing wrong', async () => {
    for (const operation of operationsOf(document)) {
      const lawful = lawfulRequests(operation, document);
      await fc.assert(
        fc.asyncProperty(fc.oneof(lawful, spoiled(lawful)), async (asked) => {
          expect(await faultOf(asked)).toBeNull();
        }),
        { numRuns: RUNS, ...SEED },
      );
    }
  }, 120_000);

  it('and is answered as the document says, where it is as the document says', async () => {
    for (const operation of operationsOf(document)) {
      await fc.assert(
        fc.asyncProperty(lawfulRequests(operation, document), async (asked) => {
          const { status, text } = await send(asked);
          expect(operation.statuses, `${operation.method} ${operation.path} ${text}`).toContain(String(status));
        }),
        { numRuns: 20, ...SEED },
      );
    }
  }, 60_000);

  it('on paths that are no route', async () => {
    for (const path of [
      '/',
      '/v1',
      '/v1/',
      '/v2/usage',
      '/v1/cases/a/b/c/d',
      '/%00',
      `/${'a'.repeat(5_000)}`,
      '/openapi',
    ]) {
      expect(await faultOf({ method: 'GET', path, query: [], headers: {}, body: null })).toBeNull();
    }
    for (const method of ['TRACE', 'OPTIONS', 'PUT', 'PROPFIND', 'QUERY']) {
      const answer = await fetchMethod(method, '/v1/usage');
      expect([method, answer.status, answer.headers['allow']]).toEqual([method, 405, 'GET, HEAD']);
    }
  });

  it('on what is no HTTP: percent signs that mean nothing, headers without end', async () => {
    const answer = await fetchMethod('GET', '/v1/cases/%zz/2026-11');
    expect([answer.status, answer.headers['content-type']]).toEqual([400, 'application/problem+json']);
    const long = await fetchMethod('GET', '/v1/usage', { 'x-long': 'a'.repeat(40_000) });
    expect([long.status, long.headers['content-type']]).toEqual([431, 'application/problem+json']);
  });
});

function fetchMethod(
  method: string,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; headers: Record<string, unknown> }> {
  const { hostname, port } = new URL(api.url);
  return new Promise((resolve, reject) => {
    const asked = httpRequest(
      { hostname, port, method, path, headers: { authorization: `Bearer ${api.key}`, ...headers } },
      (response) => {
        response.resume();
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers }));
      },
    );
    asked.on('error', reject);
    asked.end();
  });
}

describe('what nobody knows', () => {
  it('is a fault with its name, of parameters and of fields', async () => {
    const authorization = `Bearer ${api.key}`;
    const parameter = await fetch(`${api.url}/v1/cases?limitt=9`, { headers: { authorization } });
    expect(parameter.status).toBe(400);
    expect(await parameter.json()).toMatchObject({ code: 'invalid-request', errors: [{ pointer: '/limitt' }] });
    const field = await fetch(`${api.url}/v1/cases/L1/2026-11/decisions`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ condition: 'x', decision: 'confirm', note: 'x', more: { than: 'that' } }),
    });
    expect(field.status).toBe(400);
    expect(await field.json()).toMatchObject({ code: 'invalid-request', errors: [{ pointer: '/more' }] });
  });
});
