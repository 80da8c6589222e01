import { makeTraffic } from './traffic.ts';

const RECORDS = 20_000;
const ROUNDS = 9;
/** What `JSON.parse` of a record took on the machine, and on the day, for which the goals were set. */
const REFERENCE_NS = 650;

/** CPU nanoseconds that `JSON.parse` of a canonical record takes now, the median of nine rounds: the machine's measure. */
export function jsonParseNs(): number {
  const size = { lines: 1000, records: RECORDS, numbersPerLine: 40, recordsPerChunk: RECORDS, name: 'json' };
  const texts = makeTraffic(size).chunks.flatMap((chunk) => chunk.toString('latin1').trimEnd().split('\n'));
  const rounds = Array.from({ length: ROUNDS }, () => {
    const before = process.cpuUsage();
    for (const text of texts) JSON.parse(text);
    const { user, system } = process.cpuUsage(before);
    return ((user + system) * 1000) / RECORDS;
  });
  return rounds.toSorted((a, b) => a - b)[ROUNDS >> 1]!;
}

/** A rate as measured, and as the machine of the goals would have it. */
export function rateText(perSecond: number, parseNs: number): string {
  const scaled = (perSecond * parseNs) / REFERENCE_NS;
  return `${thousands(perSecond)}/s (${thousands(scaled)}/s where JSON.parse takes ${REFERENCE_NS} ns, here ${parseNs.toFixed(0)})`;
}

function thousands(value: number): string {
  return Math.round(value).toLocaleString('en');
}
