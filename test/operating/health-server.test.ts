import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { Gauge, Registry } from 'prom-client';
import { afterEach, describe, expect, it } from 'vitest';
import { type HealthServer, startHealthServer } from '../../operating/health-server.ts';
import { OperatingFault } from '../../operating/operating-fault.ts';

let server: HealthServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const registry = new Registry();
new Gauge({ name: 'a_gauge', help: 'x', labelNames: ['topic'], registers: [registry] }).set(
  { topic: '\u202e\u001b' },
  1,
);
const healthy = { isHealthy: true, reasons: [], stopped: [] };

function start(host: string, reasons: readonly string[] = []): Promise<HealthServer> {
  return startHealthServer({ host, port: 0 }, registry, () => ({
    ...healthy,
    isHealthy: reasons.length === 0,
    reasons,
  }));
}

/** Why it can't listen there. */
function failed(host: string, port: number): Promise<unknown> {
  return startHealthServer({ host, port }, registry, () => healthy).catch((error: unknown) => error);
}

/** What is answered to bytes as they are, until the connection ends. */
async function rawAnswer(port: number, request: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
  socket.on('error', () => undefined);
  socket.write(request);
  await once(socket, 'close');
  return answer;
}

describe('startHealthServer()', () => {
  it('listens on the address that it was told, and on no other', async () => {
    server = await start('127.0.0.1');
    expect((await fetch(`http://127.0.0.1:${server.port}/health`)).status).toBe(200);
    await expect(fetch(`http://127.0.0.2:${server.port}/health`)).rejects.toThrow('fetch failed');
    await server.close();
    server = await start('127.0.0.2');
    expect((await fetch(`http://127.0.0.2:${server.port}/metrics`)).status).toBe(200);
    await expect(fetch(`http://127.0.0.1:${server.port}/health`)).rejects.toThrow('fetch failed');
  });

  it('listens on IPv6', async () => {
    server = await start('::1');
    expect((await fetch(`http://[::1]:${server.port}/health`)).status).toBe(200);
  });

  it('says in words why it can not listen', async () => {
    const other = createServer();
    await once(other.listen(0, '127.0.0.1'), 'listening');
    const { port } = Object(other.address());
    const inUse = await failed('127.0.0.1', port);
    expect(inUse).toBeInstanceOf(OperatingFault);
    expect(String(inUse)).toContain(`at '127.0.0.1:${port}': another process listens there`);
    expect(String(await failed('192.0.2.1', 0))).toContain('this machine has no such address');
    other.close();
  });

  it('answers odd requests in few words', async () => {
    server = await start('127.0.0.1', ['Cannot take \u202e: \u001b[2J']);
    const base = `http://127.0.0.1:${server.port}`;
    const health = await fetch(`${base}/health?x=1`);
    expect(health.status).toBe(503);
    const text = await health.text();
    expect(text).toContain(String.raw`\u202e: \u001b`);
    expect(JSON.parse(text).reasons).toEqual(['Cannot take \u202e: \u001b[2J']);
    expect(await (await fetch(`${base}/metrics`)).text()).toContain(String.raw`topic="\u202e\x1b"`);
    expect((await fetch(`${base}/`)).status).toBe(404);
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      expect((await fetch(`${base}/metrics`, { method })).status).toBe(405);
    }
    expect(await rawAnswer(server.port, `GET /health HTTP/1.1\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 431 /,
    );
    expect(await rawAnswer(server.port, 'nonsense\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('does not wait for who asks slowly', async () => {
    server = await start('127.0.0.1');
    const begun = performance.now();
    const answers = await Promise.all([
      rawAnswer(server.port, 'GET /health HTTP/1.1\r\nx: '),
      rawAnswer(server.port, ''),
      rawAnswer(server.port, 'GET /health HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n'),
    ]);
    expect(performance.now() - begun).toBeLessThan(20_000);
    expect(answers[0]).toMatch(/^(?:HTTP\/1\.1 408 .*)?/);
  });
});
