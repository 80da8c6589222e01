const BEFORE_COLON = '\u00A0';
const BEFORE_OTHERS = '\u202F';

/**
 * French texts with the spaces that no line may end at: before `: ; ? !` and within guillemets. One place does it, so
 * that whoever writes a text types a plain space.
 */
export function withFrenchSpaces<T>(value: T): T {
  if (typeof value === 'string') return spaced(value) as T;
  if (Array.isArray(value)) return value.map((each: unknown) => withFrenchSpaces(each)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, withFrenchSpaces(each)])) as T;
}

function spaced(text: string): string {
  return text
    .replaceAll(/ (?=[:»])/g, BEFORE_COLON)
    .replaceAll('« ', `«${BEFORE_COLON}`)
    .replaceAll(/ (?=[;?!])/g, BEFORE_OTHERS);
}
