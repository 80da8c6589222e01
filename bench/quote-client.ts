import { Agent, get } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';

/** What the thread is to ask: quotes at an even pace, whether the ones before were answered or not. */
export interface QuoteLoad {
  readonly url: string;
  readonly key: string;
  readonly aSecond: number;
  readonly seconds: number;
  readonly lines: number;
  /** ms since the epoch: when the calls would start. */
  readonly at: number;
}

/** Milliseconds that each answer took, from the instant at which it was due; and how many were none. */
export interface QuoteAnswers {
  readonly milliseconds: readonly number[];
  readonly failures: number;
}

const LOOK_EVERY_MS = 1;

const { url, key, aSecond, seconds, lines, at } = workerData as QuoteLoad;
const agent = new Agent({ keepAlive: true, maxSockets: 64 });
const milliseconds: number[] = [];
const count = aSecond * seconds;
let [sent, ended, failures] = [0, 0, 0];
const begin = performance.now();

const timer = setInterval(() => {
  const now = performance.now();
  for (; sent < count && begin + (sent * 1000) / aSecond <= now; sent++) ask(sent, begin + (sent * 1000) / aSecond);
  if (sent === count) clearInterval(timer);
}, LOOK_EVERY_MS);

function ask(no: number, due: number): void {
  // Any line, and a number that few of them called.
  const line = `L${String((no * 7_919) % lines).padStart(6, '0')}`;
  const number = `%2B3314${String((no * 104_729) % 10_000_000).padStart(7, '0')}`;
  const path = `/v1/quote?line=${line}&number=${number}&at=${encodeURIComponent(new Date(at).toISOString())}`;
  const request = get(`${url}${path}`, { agent, headers: { authorization: `Bearer ${key}` } }, (answer) => {
    answer.resume().once('end', () => over(answer.statusCode === 200, due));
  });
  request.once('error', () => over(false, due));
}

function over(isAnswered: boolean, due: number): void {
  if (isAnswered) milliseconds.push(performance.now() - due);
  else failures++;
  ended++;
  if (ended < count) return;
  agent.destroy();
  parentPort?.postMessage({ milliseconds, failures } satisfies QuoteAnswers, []);
}
