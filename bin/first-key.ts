import { readApiKeys } from '../ledger/index.ts';
import { ROLES, createApiKey } from '../services/index.ts';
import type { Ledger } from './ledger.ts';
import { type Terminal, print } from './terminal.ts';
import { userName } from './user-name.ts';

/**
 * Makes the first key of an embedded ledger, which may do everything, and prints it: who starts the API on a ledger of
 * his own can use it at once. On a server's, keys are made by who may.
 */
export async function printFirstKey({ db, place }: Ledger, terminal: Terminal): Promise<void> {
  if (place.kind !== 'directory' || (await readApiKeys(db)).length > 0) return;
  const made = await createApiKey(db, { name: 'first key', scopes: ROLES.admin, by: userName() });
  if (made.kind === 'refused') return;
  print(terminal, 'Its first key, which may do everything and is shown this once:', made.key);
}
