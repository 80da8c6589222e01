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

/** Posts canonical records, one body after the other; says how many were rated. */
export async function postChunks(
  { url }: Pick<Served, 'url'>,
  key: string,
  bodies: Iterable<Buffer>,
  signal?: AbortSignal,
): Promise<number> {
  let rated = 0;
  for (const body of bodies) {
    if (signal?.aborted === true) break;
    const answer = await fetch(`${url}/v1/cdrs`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/x-ndjson' },
      body,
    });
    const told = await answer.text();
    if (!answer.ok) throw new Error(`Cannot measure: a post was answered ${answer.status}: ${told.slice(0, 300)}`);
    rated += (JSON.parse(told) as { counts: { rated?: number } }).counts.rated ?? 0;
  }
  return rated;
}
