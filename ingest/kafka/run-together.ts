/**
 * Runs pieces of work that only make sense together, until each has ended: when one fails, the signal that all were
 * given is aborted, and once they have ended too, the failure is thrown.
 */
export async function runTogether(
  signal: AbortSignal,
  works: readonly ((signal: AbortSignal) => Promise<void>)[],
): Promise<void> {
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const outcomes = await Promise.allSettled(
    works.map((work) =>
      work(either).catch((error: unknown) => {
        failed.abort();
        throw error;
      }),
    ),
  );
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}
