import { appendFileSync, existsSync, readFileSync, truncateSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

// A billing system as it ought to be: it keeps each page together with the cursor after it, in one line of a file, and
// goes on from the last whole line, whatever killed it. Arguments: the API's addresses, a key, the file.
const [addresses = '', key = '', file = ''] = process.argv.slice(2);
const apis = addresses.split(',');
const LIMIT = 150;
const PAUSE_MS = 20;

/** The cursor of the last whole line; what stands behind it was being written as the reader died. */
function lastCursor(): string | null {
  if (!existsSync(file)) return null;
  const text = readFileSync(file);
  const end = text.lastIndexOf(10) + 1;
  truncateSync(file, end);
  const line = text.subarray(0, end).toString().trimEnd().split('\n').at(-1) ?? '';
  return line === '' ? null : (JSON.parse(line) as { next: string }).next;
}

/** A page, or all up to now as a stream: the one as well as the other, in turn. */
async function pull(turn: number, after: string | null): Promise<{ entries: unknown[]; next: string }> {
  const isStream = turn % 3 === 2;
  const url = new URL('/v1/usage', apis[turn % apis.length]);
  if (after !== null) url.searchParams.set('after', after);
  if (!isStream) url.searchParams.set('limit', String(LIMIT));
  const accept = isStream ? 'application/x-ndjson' : 'application/json';
  const answer = await fetch(url, { headers: { authorization: `Bearer ${key}`, accept } });
  if (!answer.ok) throw new Error(`${answer.status}`);
  if (!isStream) return (await answer.json()) as { entries: unknown[]; next: string };
  const lines = (await answer.text()).trimEnd().split('\n');
  // A stream that was cut has no last line with the cursor: it is as if it had not been read.
  const { next } = JSON.parse(lines.pop() ?? '') as { next?: string };
  if (next === undefined) throw new Error('The stream was cut');
  return { entries: lines.map((line): unknown => JSON.parse(line)), next };
}

let cursor = lastCursor();
for (let turn = 0; ; turn++) {
  try {
    const { entries, next } = await pull(turn, cursor);
    if (entries.length > 0) appendFileSync(file, `${JSON.stringify({ entries, next })}\n`);
    if (entries.length > 0 || cursor === null) cursor = next;
    if (entries.length === 0) await delay(PAUSE_MS);
  } catch {
    // Away, or killed as it answered: asked again.
    await delay(PAUSE_MS);
  }
}
