import { once } from 'node:events';
import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CutRequestError, bodyChunks, cutBody } from '../../api/cut-requests.ts';

/** 100 bytes within 0.2 s of waiting, all of them within 1 s of it. */
const PACE = { leastBytes: 100, withinMs: 200, mostMs: 1_000 };

let server: Server;
beforeAll(async () => {
  server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterAll(() => server.close());

async function connected(): Promise<{ sender: Socket; taker: Socket }> {
  const sender = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [taker] = (await once(server, 'connection')) as [Socket];
  sender.on('error', () => undefined);
  return { sender, taker };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('a body on its way', () => {
  it('is not too slow while its reader is', async () => {
    const { sender, taker } = await connected();
    const chunks = bodyChunks(taker, taker, PACE);
    for (let at = 0; at < 3; at++) {
      sender.write('x');
      expect((await chunks.next()).value?.toString()).toBe('x');
      await pause(2 * PACE.withinMs);
    }
    // Nor where the server finds that the request has taken long: its reader knows why.
    expect(cutBody(Object.assign(new Error('late'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }), taker)).toBe(true);
    sender.end('y');
    expect((await chunks.next()).value?.toString()).toBe('y');
    expect(await chunks.next()).toEqual({ done: true, value: undefined });
  });

  it('is too slow where too little comes, or all of it takes too long', async () => {
    const slow = await connected();
    await expect(bodyChunks(slow.taker, slow.taker, PACE).next()).rejects.toMatchObject({ isTooSlow: true });
    slow.sender.destroy();
    const long = await connected();
    const sending = setInterval(() => long.sender.write('x'.repeat(100)), 20);
    const readAll = async (): Promise<void> => {
      for await (const _ of bodyChunks(long.taker, long.taker, PACE)) continue;
    };
    await expect(readAll()).rejects.toBeInstanceOf(CutRequestError);
    clearInterval(sending);
    long.sender.destroy();
  });
});
