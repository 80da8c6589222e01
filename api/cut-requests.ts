import type { Socket } from 'node:net';

/** A request whose body ended before its end, or did not come in time. */
export class CutRequestError extends Error {
  override readonly name = 'CutRequestError';
  readonly isTooSlow: boolean;

  constructor(isTooSlow: boolean) {
    super(isTooSlow ? 'the body came too slowly' : 'the body ended before its end');
    this.isTooSlow = isTooSlow;
  }
}

/** Connections with a body on its way, of which somebody answers himself when it is cut. */
const underWay = new WeakMap<Socket, (error: CutRequestError) => void>();

/**
 * The chunks of a body that is read from a connection. When the connection is cut on the way in, or too little comes,
 * they end with `CutRequestError`, and the connection can still be written to.
 *
 * @param leastBytes what must come within `withinMs`
 */
export async function* bodyChunks(
  body: AsyncIterable<Buffer>,
  socket: Socket,
  { leastBytes, withinMs }: { readonly leastBytes: number; readonly withinMs: number },
): AsyncGenerator<Buffer> {
  const cut = Promise.withResolvers<never>();
  cut.promise.catch(() => undefined);
  underWay.set(socket, cut.reject);
  let came = 0;
  const timer = setInterval(() => {
    if (came < leastBytes) cut.reject(new CutRequestError(true));
    came = 0;
  }, withinMs);
  const chunks = body[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await Promise.race([chunks.next(), cut.promise]).catch((error: unknown) => {
        throw error instanceof CutRequestError ? error : new CutRequestError(false);
      });
      if (next.done === true) return;
      came += next.value.length;
      yield next.value;
      // What was waited for here is no fault of the sender.
      came += leastBytes;
    }
  } finally {
    clearInterval(timer);
    underWay.delete(socket);
  }
}

/**
 * Answers what can't be read as HTTP, as `clientError` of Node has it: where a body was on its way, who reads it
 * answers; else the connection is told and closed.
 */
export function answerBroken(error: Error & { readonly code?: string }, socket: Socket): void {
  const isTooSlow = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
  const cut = underWay.get(socket);
  if (cut !== undefined) return cut(new CutRequestError(isTooSlow));
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const [status, code, title] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? ['431 Request Header Fields Too Large', 'too-large', 'The request is too large']
      : isTooSlow
        ? ['408 Request Timeout', 'too-slow', 'The request did not come in time']
        : ['400 Bad Request', 'bad-request', 'The request cannot be read'];
  const body = JSON.stringify({
    type: `/docs/refusals#${code}`,
    title,
    status: Number(status.slice(0, 3)),
    detail: title,
    code,
  });
  if (socket.writable) {
    socket.write(
      `HTTP/1.1 ${status}\r\ncontent-type: application/problem+json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n` +
        `connection: close\r\n\r\n${body}`,
    );
  }
  socket.destroy();
}
