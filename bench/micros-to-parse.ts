import { makeTraffic } from './traffic.ts';

const PARSED = 20_000;

/** What `JSON.parse` takes for a canonical record on this machine, in µs: how fast it is just now. */
export function microsToParse(): number {
  const size = { lines: 1_000, numbersPerLine: 40, records: PARSED, recordsPerChunk: PARSED, name: 'parsed' };
  const texts = String(makeTraffic(size).chunks[0]).trimEnd().split('\n');
  let best = Infinity;
  for (let round = 0; round < 5; round++) {
    const begin = performance.now();
    for (const text of texts) JSON.parse(text);
    best = Math.min(best, performance.now() - begin);
  }
  return (best * 1000) / texts.length;
}
