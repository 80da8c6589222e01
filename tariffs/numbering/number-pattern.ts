const PATTERN = /^(?:[0-9X]|\[[0-9-]+\])+$/;
const ELEMENT = /[0-9]|X|\[([0-9-]+)\]/g;
const MAX_EXPANSION = 20_000;

/**
 * All digit strings that a pattern stands for, in ascending order: digits stand for themselves, `X` for any digit,
 * `[0-46]` for one of those. `null` if it is no pattern, or stands for more than 20,000 strings.
 */
export function expandNumberPattern(pattern: string): readonly string[] | null {
  if (!PATTERN.test(pattern)) return null;
  let expanded: readonly string[] = [''];
  for (const [element, choices] of pattern.matchAll(ELEMENT)) {
    const digits = choices === undefined ? (element === 'X' ? '0123456789' : element) : expandChoices(choices);
    if (digits === null || expanded.length * digits.length > MAX_EXPANSION) return null;
    expanded = expanded.flatMap((stem) => [...digits].map((digit) => stem + digit));
  }
  return expanded;
}

function expandChoices(choices: string): string | null {
  const digits = new Set<number>();
  for (const range of choices.match(/[0-9]-[0-9]|[0-9]|-/g) ?? []) {
    if (range === '-') return null;
    const low = Number(range[0]);
    const high = Number(range.at(-1));
    if (low > high) return null;
    for (let digit = low; digit <= high; digit++) digits.add(digit);
  }
  return [...digits].toSorted((a, b) => a - b).join('');
}
