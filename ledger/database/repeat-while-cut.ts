import { CommitInDoubtError } from './commit-in-doubt.ts';
import { DatabaseError } from './database-error.ts';

const MAX_ATTEMPTS = 5;

/**
 * Does something once more when its connection to the database broke, up to five times in all: reads, and
 * transactions that change nothing the second time. How long a database that is away is waited for, `patientDatabase`
 * says.
 */
export async function repeatWhileCut<T>(attempt: () => Promise<T>): Promise<T> {
  for (let attempts = 1; ; attempts++) {
    try {
      return await attempt();
    } catch (error) {
      if (attempts === MAX_ATTEMPTS || !isCut(error)) throw error;
    }
  }
}

/** The same for what must be done once: not again when it may have been done. Throws `CommitInDoubtError` then. */
export async function repeatUnlessInDoubt<T>(attempt: () => Promise<T>): Promise<T> {
  let doubt: CommitInDoubtError | undefined;
  const outcome = await repeatWhileCut(async () => {
    try {
      return { value: await attempt() };
    } catch (error) {
      if (!(error instanceof CommitInDoubtError)) throw error;
      doubt = error;
      return null;
    }
  });
  if (outcome === null) throw doubt;
  return outcome.value;
}

/** Whether the connection broke, so that the same may work on another. */
export function isCut(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === 'connection-lost';
}
