/** Marks of an axis: round steps from 0 to at least `most`. */
export function roundSteps(most: number, atMost: number): number[] {
  const rough = Math.max(1, most) / atMost;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => Math.max(1, factor * power)).find((size) => size >= rough) ?? power * 10;
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, index) => index * step);
}

/** How many days a month has. @param period `2026-11` */
export function daysIn(period: string): number {
  const [year = 0, month = 0] = period.split('-').map(Number);
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** The steps of a curve that rises by the day: `[day, value]` in order, to a path. */
export function stepPath(
  points: readonly (readonly [number, number])[],
  last: number,
  x: (day: number) => number,
  y: (value: number) => number,
): string {
  let path = `M${x(1)} ${y(0)}`;
  for (const [day, value] of points) path += `H${x(day)}V${y(value)}`;
  return `${path}H${x(last)}`;
}
