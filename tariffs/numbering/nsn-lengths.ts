/**
 * A set of lengths of national significant numbers (digits after the country code) as a bit mask: bit n stands for
 * length n, up to 14. 0 stands for "any length that the length rules allow".
 */
export type NsnLengths = number;

/** Reads `9`, `7-10` or `5-6 9`; `null` if the cell is none of these or leaves 1 to 14. */
export function parseNsnLengths(cell: string): NsnLengths | null {
  let mask = 0;
  for (const part of cell.split(' ')) {
    const match = /^(\d{1,2})(?:-(\d{1,2}))?$/.exec(part);
    if (match === null) return null;
    const low = Number(match[1]);
    const high = Number(match[2] ?? match[1]);
    if (low < 1 || high > 14 || low > high) return null;
    for (let length = low; length <= high; length++) mask |= 1 << length;
  }
  return mask;
}

/** Whether the set holds this length; the empty set (0) holds every length. */
export function admitsLength(lengths: NsnLengths, length: number): boolean {
  return lengths === 0 || ((lengths >>> length) & 1) === 1;
}
