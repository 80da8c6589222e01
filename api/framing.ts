import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { type FastifyHttpOptions, type FastifyInstance, LogController } from 'fastify';
import type { Server, ServerResponse } from 'node:http';
import { cutBody } from './cut-requests.ts';
import { HTTP_PROBLEMS, type HttpProblemCode, httpProblem } from './problem.ts';

const PROBLEM = 'application/problem+json';
const MOST_HEADER_BYTES = 16_384;
const MOST_CONNECTIONS = 2_000;
const HEADERS_MS = 10_000;
const IDLE_MS = 75_000;

/** What keeps the server from those who ask slowly, at length or in pieces, and names each request. */
export const FRAMING = {
  genReqId: () => randomUUID(),
  // A URL may hold numbers: routes are logged, not what was asked of them.
  logController: new LogController({ disableRequestLogging: true }),
  // What a client sends as its own id would come into logs as it came.
  requestIdHeader: false,
  keepAliveTimeout: IDLE_MS,
  connectionTimeout: 0,
  http: { maxHeaderSize: MOST_HEADER_BYTES, headersTimeout: HEADERS_MS, connectionsCheckingInterval: 1_000 },
  frameworkErrors: (error, request, reply) => {
    const tooLong = error.code === 'FST_ERR_MAX_PARAM_LENGTH';
    const code = tooLong ? 'not-found' : 'bad-request';
    const body = JSON.stringify(httpProblem(code, tooLong ? 'No route is of that path' : 'The path is no text'));
    void reply.hijack();
    reply.raw.writeHead(HTTP_PROBLEMS[code].status, { 'content-type': PROBLEM, 'x-request-id': request.id }).end(body);
  },
  clientErrorHandler: (error, socket) => sayUnreadable(error, socket),
} as const satisfies FastifyHttpOptions<Server>;

/** Adds what every answer has, and bounds that only the running server can be given. */
export function frameAnswers(app: FastifyInstance): void {
  app.server.maxConnections = MOST_CONNECTIONS;
  app.server.maxHeadersCount = 100;
  app.server.on('checkExpectation', (_, response: ServerResponse) => {
    const body = JSON.stringify(httpProblem('expectation-failed', `Only 'Expect: 100-continue' may be sent`));
    response.writeHead(417, { 'content-type': PROBLEM, connection: 'close' }).end(body);
  });
  app.addHook('onRequest', async (request, reply) => {
    void reply.header('x-request-id', request.id);
    if (request.method !== 'OPTIONS') void reply.header('cache-control', 'no-store');
  });
}

const CODES: Readonly<Record<string, HttpProblemCode>> = {
  HPE_HEADER_OVERFLOW: 'headers-too-large',
  ERR_HTTP_REQUEST_TIMEOUT: 'too-slow',
};

/**
 * What came is no HTTP, or came too slowly: it is said by hand, since there is no request to answer. Where a body was
 * on its way, who reads it answers.
 */
function sayUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (cutBody(error, socket) || error.code === 'ECONNRESET' || socket.destroyed) return;
  const problem = httpProblem(CODES[error.code ?? ''] ?? 'bad-request', 'The connection is closed');
  const body = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${problem.status} ${problem.title}`,
    `content-type: ${PROBLEM}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  if (socket.writable) socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  socket.destroy();
}
