import type { Refused } from './refusals.ts';

/** Undoes a transaction in which a service finds that it must refuse. It never leaves the services. */
export class WithdrawnError extends Error {
  override readonly name = 'WithdrawnError';
  readonly refused: Refused;

  constructor(refused: Refused) {
    super(`Cannot go on with a change: it is refused as '${refused.code}'`);
    this.refused = refused;
  }
}

/** Leaves a transaction of `unlessWithdrawn`, so that all of it is undone. */
export function withdraw(refused: Refused): never {
  throw new WithdrawnError(refused);
}

/** What the work comes to, or why it was withdrawn. */
export async function unlessWithdrawn<T>(work: () => Promise<T>): Promise<T | Refused> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof WithdrawnError) return error.refused;
    throw error;
  }
}
