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
 * Tells who reads the body of a connection that what is on its way can't be read, or comes too slowly: he answers.
 * `false`: nobody reads one.
 */
export function cutBody(error: NodeJS.ErrnoException, socket: Socket): boolean {
  const cut = underWay.get(socket);
  cut?.(new CutRequestError(error.code === 'ERR_HTTP_REQUEST_TIMEOUT'));
  return cut !== undefined;
}
