import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { type Socket, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, onTestFailed, vi } from 'vitest';
import { runCommand } from '../bin/run-command.ts';
import { writeSmallMonth } from '../bin/small-month.ts';
import { type StartedCommand, startCommand } from '../bin/start-command.ts';
import { freePort } from '../support/servers/free-port.ts';

const IDLE = 1_000;
const SLOW = 50;
const RECORDS_A_POST = 1_000;
const POSTS = 4;
const PAIRS = 5;
/** What all of them together may cost, beside what records take that are posted meanwhile. */
const MOST_GROWTH_BYTES = 256 * 1024 * 1024;

let folder: string;
let port: number;
let key: string;
let server: StartedCommand;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fairtally-crowded-'));
  mkdirSync(join(folder, 'month'));
  writeSmallMonth(join(folder, 'month'));
  await runCommand(folder, ['lines', 'import', 'month']);
  key = (await runCommand(folder, ['keys', 'create', 'switch', '--role', 'switch'])).stdout.trim();
  port = await freePort();
  server = startCommand(folder, ['serve', '--port', String(port)], {});
  const isReady = async (): Promise<boolean> =>
    (await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null))?.status === 200;
  await vi.waitUntil(isReady, { timeout: 60_000, interval: 200 });
});
afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('fairtally serve, with 1,000 idle connections and 50 that send slowly', () => {
  it('takes records in at half of its rate at least, and holds no more memory for each than it must', async () => {
    onTestFailed(() => console.error(server.lines.slice(-20)));
    // The first records have caches and tables warmed up.
    await postedPerSecond();
    const alone: number[] = [];
    const crowded: number[] = [];
    let most = 0;
    const before = await memoryOf(server.pid);
    for (let pair = 0; pair < PAIRS; pair += 1) {
      alone.push(await postedPerSecond());
      const crowd = new Crowd();
      await crowd.gathered();
      crowded.push(await postedPerSecond());
      expect(crowd.size).toBeGreaterThan(0.9 * (IDLE + SLOW));
      most = Math.max(most, await memoryOf(server.pid));
      crowd.leave();
    }
    const ratio = medianOf(crowded) / medianOf(alone);
    console.info(
      `records a second: alone ${alone.join(', ')}, crowded ${crowded.join(', ')}; ratio ${ratio.toFixed(2)}`,
    );
    console.info(`memory grew by ${Math.round((most - before) / 1024 / 1024)} MB`);
    expect(ratio).toBeGreaterThan(0.5);
    expect(most - before).toBeLessThan(MOST_GROWTH_BYTES);
  });
});

let posted = 0;

/** Posts some thousand calls that were never posted before; says how many were rated in a second. */
async function postedPerSecond(): Promise<number> {
  const bodies = Array.from({ length: POSTS }, () =>
    Array.from({ length: RECORDS_A_POST }, () => recordOf((posted += 1))).join('\n'),
  );
  const begun = performance.now();
  for (const body of bodies) {
    const answer = await fetch(`http://127.0.0.1:${port}/v1/cdrs`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/x-ndjson' },
      body,
    });
    expect([answer.status, await answer.json()]).toMatchObject([200, { counts: { rated: RECORDS_A_POST } }]);
  }
  return Math.round((1000 * POSTS * RECORDS_A_POST) / (performance.now() - begun));
}

function recordOf(no: number): string {
  const line = `L${String(1 + (no % 20)).padStart(3, '0')}`;
  const to = `+336123400${String(no % 40).padStart(2, '0')}`;
  const answered = new Date(Date.UTC(2026, 10, 2, 8) + no * 1_000).toISOString();
  return JSON.stringify({ v: 1, switch: 'crowd', call: `c${no}`, line, to, answered, durationMs: 60_000 });
}

/** Connections that ask for nothing, and ones whose body comes byte by byte. Who is cut off comes again. */
class Crowd {
  readonly #sockets = new Set<Socket>();
  readonly #timer: NodeJS.Timeout;
  #isLeaving = false;
  readonly #slow = new Set<Socket>();

  constructor() {
    for (let index = 0; index < IDLE; index += 1) this.#come(false);
    for (let index = 0; index < SLOW; index += 1) this.#come(true);
    this.#timer = setInterval(() => {
      for (const socket of this.#slow) socket.write('{');
    }, 200);
  }

  get size(): number {
    return this.#sockets.size;
  }

  async gathered(): Promise<void> {
    await vi.waitUntil(() => this.size === IDLE + SLOW, { timeout: 30_000, interval: 100 });
  }

  leave(): void {
    this.#isLeaving = true;
    clearInterval(this.#timer);
    for (const socket of this.#sockets) socket.destroy();
  }

  #come(isSlow: boolean): void {
    const socket = connect({ host: '127.0.0.1', port });
    socket.on('connect', () => {
      this.#sockets.add(socket);
      if (!isSlow) return;
      this.#slow.add(socket);
      const head = `POST /v1/cdrs HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${key}\r\ncontent-length: 1000000\r\n`;
      socket.write(`${head}content-type: application/x-ndjson\r\n\r\n`);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#sockets.delete(socket);
      this.#slow.delete(socket);
      if (!this.#isLeaving) setTimeout(() => this.#come(isSlow), 100);
    });
    // Whatever it is told is taken, so that it learns when it is cut off.
    socket.resume();
  }
}

/** Resident memory of a process and of those that it started, in bytes. */
async function memoryOf(pid: number): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,rss=']);
  const rows = stdout.split('\n').map((line) => line.trim().split(/ +/).map(Number));
  const ofOne = (parent: number): number =>
    rows.reduce((sum, [own = 0, above = 0, rss = 0]) => {
      if (own === parent) return sum + rss * 1024;
      return above === parent ? sum + ofOne(own) : sum;
    }, 0);
  return ofOne(pid);
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
