import type { Line } from '../../rater/index.ts';
import type { Queryable } from '../database/database.ts';
import {
  type NumberHolder,
  type SharedNumber,
  holdersOf,
  notationsOf,
  numberHolders,
  sharedNumbers,
  sharedSpan,
  spansOfIds,
} from './number-holders.ts';
import type { NumberFault } from './provisioning-faults.ts';

/**
 * What is against the numbers of lines about to be stored: other lines have them at the same time. Where the notation
 * of a number is the id of a line in force, one notation of it would name one line and another notation the other: that
 * is a fault too.
 *
 * @param numberOfId how an id is read as a number; without it ids are not looked at
 */
export async function numberFaults(
  q: Queryable,
  changed: readonly Line[],
  numberOfId?: (id: string) => number | null,
): Promise<NumberFault[]> {
  const ids = changed.map(({ id }) => id);
  const numbers = [...new Set(changed.flatMap(holdersOf).map(({ number }) => number))];
  const others = await numberHolders(q, numbers, ids);
  const faults = sharedNumbers(changed, others).map((shared) => numberFault('number-of-two-lines', shared));
  if (numberOfId === undefined) return faults;
  const asIds = await idsThatAreNumbers(q, changed, numberOfId);
  return [...faults, ...asIds.map((one) => numberFault('number-is-an-id', one))];
}

/** Spans of changed lines whose number is the id of another line then in force; and the other way about. */
async function idsThatAreNumbers(
  q: Queryable,
  changed: readonly Line[],
  numberOfId: (id: string) => number | null,
): Promise<SharedNumber[]> {
  const ids = changed.map(({ id }) => id);
  const given = changed.flatMap(holdersOf);
  const texts = new Map(given.flatMap(({ number }) => notationsOf(number).map((text) => [text, number] as const)));
  const known = await spansOfIds(q, texts, ids);
  const asNumbers = changed.flatMap((line) => spansAsNumber(line, numberOfId));
  const holders = await numberHolders(q, [...new Set(asNumbers.map(({ number }) => number))], ids);
  const byNumber = Map.groupBy([...known, ...asNumbers], ({ number }) => number);
  const heldByNumber = Map.groupBy(holders, ({ number }) => number);
  return [
    ...given.flatMap((one) => clashes(one, byNumber.get(one.number) ?? [])),
    ...asNumbers.flatMap((one) => clashes(one, heldByNumber.get(one.number) ?? [])),
  ];
}

function clashes(one: NumberHolder, others: readonly NumberHolder[]): SharedNumber[] {
  return others.filter(({ line }) => line !== one.line).flatMap((other) => sharedSpan(one, other));
}

/** The spans of a line as if its id were its number; none when the id is no number. */
function spansAsNumber({ id, spans }: Line, numberOfId: (id: string) => number | null): NumberHolder[] {
  const number = numberOfId(id);
  return number === null ? [] : spans.map(({ from, to }) => ({ line: id, number, from, to }));
}

function numberFault(code: NumberFault['code'], { number, holder, other, from, to }: SharedNumber): NumberFault {
  return {
    code,
    line: holder.line,
    spanFrom: holder.from,
    other: other.line,
    otherFrom: other.from,
    otherTo: other.to,
    number,
    from,
    to,
  };
}
