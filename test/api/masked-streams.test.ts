import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import fastify from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { maskAnswers } from '../../api/mask-answers.ts';

const LINE = '{"number":"+33612345678"}\n';
const PATIENCE_MS = 10_000;

let ended = false;
let closes: (() => Promise<void>) | null = null;
afterEach(async () => {
  await closes?.();
});

/** Where a server listens that sends `lines` to a key without `numbers:read`. */
async function sends(lines: () => AsyncGenerator<string>): Promise<string> {
  const app = fastify();
  app.decorateRequest('holder', null);
  app.addHook('onRequest', async (request) => {
    request.holder = { id: 'k', name: 'test', account: null, switchId: null, scopes: new Set() };
  });
  maskAnswers(app);
  app.get('/', (_, reply) => reply.type('application/x-ndjson').send(Readable.from(lines())));
  const origin = await app.listen({ host: '127.0.0.1', port: 0 });
  closes = () => app.close();
  return origin;
}

describe('a masked answer that is a stream', () => {
  it('breaks off where its source does, and the server lives on', async () => {
    let isBroken = true;
    const origin = await sends(async function* broken() {
      yield LINE;
      if (isBroken) throw new Error('the ledger went away');
    });
    await expect(fetch(origin).then((answer) => answer.text())).rejects.toThrow(/terminated|fetch failed/);
    isBroken = false;
    expect(await (await fetch(origin)).text()).toBe('{"number":"+3361234****"}\n');
  });

  it('ends its source when the reader hangs up', async () => {
    ended = false;
    const origin = await sends(async function* endless() {
      try {
        for (;;) {
          yield LINE.repeat(1_000);
          await wait(1);
        }
      } finally {
        ended = true;
      }
    });
    const away = new AbortController();
    const answer = await fetch(origin, { signal: away.signal });
    await answer.body!.getReader().read();
    away.abort();
    await expect.poll(() => ended, { timeout: PATIENCE_MS }).toBe(true);
  });
});
