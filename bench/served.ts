import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { Agent, type IncomingMessage, request } from 'node:http';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { type Database } from '../ledger/index.ts';
import { createApiKey, SCOPES } from '../services/index.ts';
import { freePort } from '../test/support/servers/free-port.ts';
import { type ChildCommand, startCommand } from './child-command.ts';

const LOOK_EVERY_MS = 50;
const GIVE_UP_AFTER_MS = 60_000;

/** `fairtally serve` as a process of its own. */
export interface Served {
  readonly url: string;
  readonly command: ChildCommand;
}

/** A key that may do everything. The ledger must be open here, and embedded ones closed before they are served. */
export async function benchKey(db: Database): Promise<string> {
  const made = await createApiKey(db, { name: 'bench', scopes: SCOPES, by: 'bench' });
  if (made.kind === 'refused') throw new Error(`Cannot make a key: ${made.code}`);
  return made.key;
}

/** Serves the ledger that these arguments name, until it is stopped. */
export async function startServing(place: readonly string[]): Promise<Served> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const command = startCommand(['serve', '--port', String(port), ...place]);
  const begin = performance.now();
  while (!(await fetch(`${url}/readyz`).catch(() => null))?.ok) {
    if (performance.now() - begin > GIVE_UP_AFTER_MS) throw new Error('Cannot measure: serve does not become ready');
    await Promise.race([pause(LOOK_EVERY_MS), command.failed]);
  }
  return { url, command };
}

/** How bodies are posted. */
export interface Posting {
  /** Connections that post at once; each waits for its answer before it posts the next. */
  readonly connections?: number;
  readonly signal?: AbortSignal;
  /** Most records a second, evenly; as fast as they are taken where it is left out. */
  readonly recordsASecond?: number;
}

/** Posts bodies of canonical records; says how many records were rated. */
export async function postChunks(
  { url }: Pick<Served, 'url'>,
  key: string,
  bodies: Iterable<Buffer>,
  { connections = 1, signal, recordsASecond = Infinity }: Posting = {},
): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const left = bodies[Symbol.iterator]();
  const begin = performance.now();
  const isStopped = (): boolean => signal?.aborted === true;
  let rated = 0;
  const postThem = async (): Promise<void> => {
    for (let next = left.next(); next.done !== true && !isStopped(); next = left.next()) {
      const more = await post(agent, url, key, next.value);
      rated += more;
      const ahead = begin + (rated * 1000) / recordsASecond - performance.now();
      if (ahead > 0) await pause(ahead);
    }
  };
  try {
    await Promise.all(Array.from({ length: connections }, postThem));
  } finally {
    agent.destroy();
  }
  return rated;
}

/** Posts one body as a switch would: over a connection that is kept, and its answer read whole. */
async function post(agent: Agent, url: string, key: string, body: Buffer): Promise<number> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/x-ndjson' };
  const sent = request(`${url}/v1/cdrs`, {
    agent,
    method: 'POST',
    headers: { ...headers, 'content-length': body.length },
  });
  sent.end(body);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  const told = (await buffer(answer)).toString();
  if (answer.statusCode !== 200) {
    throw new Error(`Cannot measure: a post was answered ${answer.statusCode}: ${told.slice(0, 300)}`);
  }
  // The counts come first; what became of each record is not parsed, which would measure us.
  return Number(/"rated":(\d+)/.exec(told.slice(0, 300))?.[1] ?? 0);
}

/** Writes to a file what comes, a megabyte ahead at most; says how many bytes that were. */
export async function toFile(source: Readable, path: string): Promise<number> {
  const file = createWriteStream(path, { highWaterMark: AHEAD_BYTES });
  await pipeline(source, file);
  return file.bytesWritten;
}

const AHEAD_BYTES = 1 << 20;

/**
 * Has `curl` write the feed as NDJSON to a file, as whoever pulls it by a script does: a client in this process took
 * twice the CPU that curl does, of what the server and the database need.
 */
export async function feedToFile({ url }: Pick<Served, 'url'>, key: string, path: string): Promise<void> {
  const headers = ['-H', `Authorization: Bearer ${key}`, '-H', 'Accept: application/x-ndjson'];
  const curl = spawn('curl', ['--fail', '--silent', '--show-error', ...headers, '-o', path, `${url}/v1/usage`], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [code] = (await once(curl, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`Cannot measure: curl ended with ${code}`);
}
