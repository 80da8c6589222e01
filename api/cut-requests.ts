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

/** How fast a body must come. What its reader does with it meanwhile is no fault of the sender, and does not count. */
export interface Pace {
  /** What must come within `withinMs` of waiting for it. */
  readonly leastBytes: number;
  readonly withinMs: number;
  /** How long it may be waited for in all. */
  readonly mostMs: number;
}

/** Connections with a body on its way, of which somebody answers himself when it is cut. */
const underWay = new WeakMap<Socket, (error: CutRequestError) => void>();
/** How often it is looked at while `withinMs` goes by. */
const LOOKS = 20;

/**
 * The chunks of a body that is read from a connection. When the connection is cut on the way in, or too little comes,
 * they end with `CutRequestError`, and the connection can still be written to.
 */
export async function* bodyChunks(
  body: AsyncIterable<Buffer>,
  socket: Socket,
  { leastBytes, withinMs, mostMs }: Pace,
): AsyncGenerator<Buffer> {
  const cut = Promise.withResolvers<never>();
  cut.promise.catch(() => undefined);
  underWay.set(socket, cut.reject);
  let came = 0;
  let isWaiting = false;
  let waitedMs = 0;
  let waitedInAllMs = 0;
  const lookMs = withinMs / LOOKS;
  const timer = setInterval(() => {
    if (!isWaiting) return;
    waitedMs += lookMs;
    waitedInAllMs += lookMs;
    if (waitedInAllMs >= mostMs) cut.reject(new CutRequestError(true));
    if (waitedMs < withinMs) return;
    if (came < leastBytes) cut.reject(new CutRequestError(true));
    came = 0;
    waitedMs = 0;
  }, lookMs);
  const chunks = body[Symbol.asyncIterator]();
  try {
    for (;;) {
      isWaiting = true;
      const next = await Promise.race([chunks.next(), cut.promise]).catch((error: unknown) => {
        throw error instanceof CutRequestError ? error : new CutRequestError(false);
      });
      isWaiting = false;
      if (next.done === true) return;
      came += next.value.length;
      yield next.value;
    }
  } finally {
    clearInterval(timer);
    underWay.delete(socket);
  }
}

/**
 * Tells who reads the body of a connection that what is on its way can't be read: he answers. That it takes long is
 * his to judge, by its pace. `false`: nobody reads one.
 */
export function cutBody(error: NodeJS.ErrnoException, socket: Socket): boolean {
  const cut = underWay.get(socket);
  if (error.code !== 'ERR_HTTP_REQUEST_TIMEOUT') cut?.(new CutRequestError(false));
  return cut !== undefined;
}
