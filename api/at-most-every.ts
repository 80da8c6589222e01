/**
 * Asks at most once in so many ms, however many ask meanwhile: they share the answer, or the error, of the last that
 * was asked.
 */
export function atMostEvery<T>(ms: number, ask: () => Promise<T>): () => Promise<T> {
  let last: Promise<T> | null = null;
  let until = 0;
  return () => {
    if (last !== null && performance.now() < until) return last;
    until = Infinity;
    last = ask().finally(() => (until = performance.now() + ms));
    return last;
  };
}
