import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { type FastifyHttpOptions, type FastifyInstance, LogController } from 'fastify';
import type { Server, ServerResponse } from 'node:http';
import { cutBody } from './cut-requests.ts';
import { NotLetInError } from './not-let-in.ts';
import { HTTP_PROBLEMS, type HttpProblemCode, httpProblem } from './problem.ts';

const PROBLEM = 'application/problem+json';
const MOST_HEADER_BYTES = 16_384;
const MOST_CONNECTIONS = 2_000;
const HEADERS_MS = 10_000;
const IDLE_MS = 75_000;
/** Where nobody knows better. */
const RETRY_AFTER_S = '1';

/** What keeps the server from those who ask slowly, at length or in pieces, and names each request. */
export const FRAMING = {
  genReqId: () => randomUUID(),
  // A URL may hold numbers: routes are logged, not what was asked of them.
  logController: new LogController({ disableRequestLogging: true }),
  // What a client sends as its own id would come into logs as it came.
  requestIdHeader: false,
  keepAliveTimeout: IDLE_MS,
  connectionTimeout: 0,
  http: {
    // Node refuses one itself, without a word of why: `frameAnswers` does.
    requireHostHeader: false,
    maxHeaderSize: MOST_HEADER_BYTES,
    headersTimeout: HEADERS_MS,
    connectionsCheckingInterval: 1_000,
  },
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
  let isClosing = false;
  app.addHook('preClose', async () => {
    isClosing = true;
  });
  app.addHook('onRequest', async (request, reply) => {
    void reply.header('x-request-id', request.id);
    if (request.method !== 'OPTIONS') void reply.header('cache-control', 'no-store');
    if (request.raw.httpVersion === '1.1' && request.headers.host === undefined) {
      throw new NotLetInError(httpProblem('bad-request', 'Cannot read the request: it has no header Host'));
    }
    if (!isClosing) return;
    void reply.header('connection', 'close');
    throw new NotLetInError(httpProblem('unavailable', 'The server is stopping: send it again in a moment'));
  });
  app.addHook('onSend', async (_, reply) => {
    if (reply.statusCode === 503 && !reply.hasHeader('retry-after')) void reply.header('retry-after', RETRY_AFTER_S);
  });
}

const CODES: Readonly<Record<string, HttpProblemCode>> = {
  HPE_HEADER_OVERFLOW: 'headers-too-large',
  ERR_HTTP_REQUEST_TIMEOUT: 'too-slow',
  HPE_INVALID_EOF_STATE: 'cut-request',
};

const WORDS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: `They have more than ${MOST_HEADER_BYTES} bytes`,
  ERR_HTTP_REQUEST_TIMEOUT: 'It came too slowly',
  HPE_INVALID_EOF_STATE: 'It ended before its end; nothing of it was done',
};

/** What is wrong with what came, as the reader of HTTP says it: `Invalid method encountered`. */
function whyUnreadable({ code = '', reason }: NodeJS.ErrnoException & { readonly reason?: unknown }): string {
  const words = WORDS[code] ?? `Cannot read it as HTTP${typeof reason === 'string' ? `: ${reason}` : ''}`;
  return `${words}. The connection is closed`;
}

/**
 * What came is no HTTP, or came too slowly: it is said by hand, since there is no request to answer. Where a body was
 * on its way, who reads it answers.
 */
function sayUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (cutBody(error, socket) || error.code === 'ECONNRESET' || socket.destroyed) return;
  const problem = httpProblem(CODES[error.code ?? ''] ?? 'bad-request', whyUnreadable(error));
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
