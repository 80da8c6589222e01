/** A name pattern in which `*` stands for any characters, as a test. */
export function namePattern(pattern: string): (name: string) => boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  const expression = new RegExp(`^${parts.join('.*')}$`);
  return (name) => expression.test(name);
}

/** Whether a name fits any of the patterns. */
export function anyNamePattern(patterns: readonly string[]): (name: string) => boolean {
  const tests = patterns.map(namePattern);
  return (name) => tests.some((test) => test(name));
}
