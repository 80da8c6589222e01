/** A name pattern in which `*` stands for any characters, as a test. */
export function namePattern(pattern: string): (name: string) => boolean {
  if (!pattern.includes('*')) return (name) => name === pattern;
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  const expression = new RegExp(`^${parts.join('.*')}$`, 's');
  return (name) => expression.test(name);
}

/** Whether a name fits any of some patterns. */
export interface NamePatterns {
  (name: string): boolean;
  /** The patterns that no name has fitted yet. */
  readonly unmatched: ReadonlySet<string>;
}

export function anyNamePattern(patterns: readonly string[]): NamePatterns {
  const tests = patterns.map((pattern) => ({ pattern, test: namePattern(pattern) }));
  const unmatched = new Set(patterns);
  const fits = (name: string): boolean => {
    if (unmatched.size > 0) for (const { pattern, test } of tests) if (test(name)) unmatched.delete(pattern);
    return tests.some(({ test }) => test(name));
  };
  return Object.assign(fits, { unmatched });
}
