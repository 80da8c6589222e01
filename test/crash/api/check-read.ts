import { readFileSync } from 'node:fs';
import { Decimal } from 'decimal.js';
import { z } from 'zod';
import { type Database, readHeads } from '../../../ledger/index.ts';
import type { Difference } from '../compare.ts';

const entry = z.looseObject({
  bucket: z.int(),
  position: z.int(),
  kind: z.string(),
  currency: z.string(),
  billedSeconds: z.int(),
  charge: z.union([z.string(), z.number()]),
});
const page = z.object({ entries: z.array(entry), next: z.string() });
const totals = z.object({
  totals: z.array(
    z.object({ kind: z.string(), currency: z.string(), entries: z.int(), billedSeconds: z.int(), charge: z.string() }),
  ),
});

/** What a reader kept: its pages, in the order in which it kept them. */
function readPages(file: string): z.output<typeof page>[] {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  return lines.filter((line) => line !== '').map((line) => page.parse(JSON.parse(line)));
}

/**
 * The reader has every entry once, those of each bucket in their order, and what they come to is what the API says that
 * they come to up to the reader's own cursor.
 */
export async function checkRead(
  db: Database,
  file: string,
  askTotals: (until: string) => Promise<unknown>,
): Promise<Difference[]> {
  const pages = readPages(file);
  const entries = pages.flatMap((each) => each.entries);
  const differences: Difference[] = [];
  const last = new Map<number, number>();
  for (const { bucket, position } of entries) {
    const before = last.get(bucket) ?? 0;
    if (position !== before + 1)
      differences.push({ of: 'read', text: `entry ${bucket}-${position} was read after ${bucket}-${before}` });
    last.set(bucket, position);
  }
  for (const { bucket, position } of await readHeads(db)) {
    const read = last.get(bucket) ?? 0;
    if (read !== position)
      differences.push({ of: 'read', text: `bucket ${bucket} was read up to ${read} of ${position}` });
  }
  const cursor = pages.at(-1)?.next;
  if (cursor === undefined) return [...differences, { of: 'read', text: 'the reader read nothing' }];
  const told = totals.parse(await askTotals(cursor)).totals;
  const own = sumsOf(entries);
  for (const { kind, currency, ...sums } of told) {
    const key = `${kind} ${currency}`;
    const text = sumText({ ...sums, charge: new Decimal(sums.charge) });
    if (own.get(key) !== text) differences.push({ of: 'read', text: `${key}: ${own.get(key)} instead of ${text}` });
    own.delete(key);
  }
  for (const [key, text] of own) differences.push({ of: 'read', text: `${key}: ${text}, of which no total tells` });
  return differences;
}

interface Sums {
  entries: number;
  billedSeconds: number;
  charge: Decimal;
}

function sumsOf(entries: readonly z.output<typeof entry>[]): Map<string, string> {
  const all = new Map<string, Sums>();
  for (const { kind, currency, billedSeconds, charge } of entries) {
    const key = `${kind} ${currency}`;
    const sums = all.get(key) ?? { entries: 0, billedSeconds: 0, charge: new Decimal(0) };
    all.set(key, sums);
    sums.entries++;
    sums.billedSeconds += billedSeconds;
    sums.charge = sums.charge.plus(charge);
  }
  return new Map([...all].map(([key, sums]) => [key, sumText(sums)]));
}

function sumText({ entries, billedSeconds, charge }: Sums): string {
  return `${entries} entries, ${billedSeconds} s, ${charge.toFixed(6)}`;
}
