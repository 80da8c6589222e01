import { resolve } from 'node:path';
import { readApiKeys, repeatUnlessInDoubt, revokeApiKey } from '../../ledger/index.ts';
import {
  type KeyHolder,
  ROLE_NAMES,
  type Role,
  createApiKey,
  isRole,
  isScope,
  isoInstant,
  keyHolder,
  ledgerCivilTime,
  scopesOfRoles,
} from '../../services/index.ts';
import { CommandError, usageError } from '../command-error.ts';
import type { PlaceOptions } from '../config.ts';
import { withExistingLedger, withLedger } from '../open-ledger.ts';
import { refusalError } from '../refusal-error.ts';
import { showInstant } from '../show-values.ts';
import { type Terminal, print, printJson } from '../terminal.ts';
import { keepKey } from '../key-file.ts';
import { textTable } from '../text-table.ts';
import { userName } from '../user-name.ts';

export interface CreateKeyOptions extends PlaceOptions {
  readonly scope?: readonly string[];
  readonly role?: readonly string[];
  readonly account?: string;
  readonly switch?: string;
  readonly expires?: string;
  readonly by?: string;
  readonly file?: string;
}

/** `fairtally keys create NAME`: makes a key of the API; it is shown this once, or kept in a file. */
export async function createKey(name: string, options: CreateKeyOptions, terminal: Terminal): Promise<void> {
  if (name.trim() === '') throw usageError('Cannot make a key without a name');
  const scopes = [...new Set([...scopesOfRoles(rolesOf(options)), ...(options.scope ?? [])])];
  if (scopes.length === 0) throw usageError(`Cannot make key '${name}' for nothing: give --role or --scope`);
  await withLedger(options, terminal, async (ledger) => {
    const civilTime = await ledgerCivilTime(ledger.db);
    const expiresAt = options.expires === undefined ? undefined : civilTime.parseInstant(options.expires);
    if (expiresAt === null) {
      throw usageError(`Cannot use --expires '${options.expires ?? ''}': it is no day or instant such as '2027-01-01'`);
    }
    const { account, switch: switchId, by = userName(), file } = options;
    const make = async (): Promise<string> => {
      const made = await createApiKey(ledger.db, { name, scopes, account, switchId, expiresAt, by });
      if (made.kind === 'refused') throw refusalError(made);
      return made.key;
    };
    if (file === undefined) return print(terminal, await make());
    const serves = async (key: string): Promise<boolean> => {
      const holder = await keyHolder(ledger.db, key, Date.now());
      if (holder === null || holder.account !== (account ?? null)) return false;
      return holder.switchId === (switchId ?? null) && scopes.every((each) => isAmong(holder, each));
    };
    const isNew = await keepKey({ path: resolve(terminal.folder, file), shown: file }, serves, make);
    print(terminal, isNew ? `A new key is in '${file}'` : `The key in '${file}' is in force: none was made`);
  });
}

function isAmong({ scopes }: KeyHolder, scope: string): boolean {
  return isScope(scope) && scopes.has(scope);
}

function rolesOf({ role = [] }: CreateKeyOptions): Role[] {
  const unknown = role.find((each) => !isRole(each));
  if (unknown !== undefined) throw usageError(`Cannot use --role '${unknown}': the roles are ${ROLE_NAMES.join(', ')}`);
  return role.filter(isRole);
}

/** `fairtally keys list`: the keys of the API, without their secrets. */
export async function listKeys(options: PlaceOptions & { readonly json?: boolean }, terminal: Terminal): Promise<void> {
  await withExistingLedger(options, terminal, async ({ db }) => {
    const keys = await readApiKeys(db);
    if (options.json === true) {
      return printJson(terminal, {
        v: 1,
        keys: keys.map(({ switchId, ...key }) => ({
          ...key,
          switch: switchId,
          createdAt: isoInstant(key.createdAt),
          expiresAt: isoOrNull(key.expiresAt),
          usedAt: isoOrNull(key.usedAt),
          revokedAt: isoOrNull(key.revokedAt),
        })),
      });
    }
    const civilTime = await ledgerCivilTime(db);
    const shown = (instant: number | null): string => (instant === null ? '' : showInstant(instant, civilTime));
    print(
      terminal,
      ...textTable(
        ['key', 'name', 'may', 'account', 'switch', 'made by', 'last used', 'expires', 'revoked'].map((heading) => ({
          heading,
          align: 'left' as const,
        })),
        keys.map((key) => [
          key.id,
          key.name,
          key.scopes.join(' '),
          key.account ?? 'all',
          key.switchId ?? 'all',
          key.createdBy,
          shown(key.usedAt),
          shown(key.expiresAt),
          shown(key.revokedAt),
        ]),
      ),
    );
  });
}

/** `fairtally keys revoke ID`: the key opens nothing any more, for good. */
export async function revokeKey(
  id: string,
  options: PlaceOptions & { readonly by?: string },
  terminal: Terminal,
): Promise<void> {
  await withExistingLedger(options, terminal, async ({ db }) => {
    const isRevoked = await repeatUnlessInDoubt(() => revokeApiKey(db, id, options.by ?? userName()));
    if (!isRevoked) throw new CommandError(`Cannot revoke key '${id}': there is none of that id that is in force`);
    print(terminal, `Key ${id} is revoked`);
  });
}

function isoOrNull(instant: number | null): string | null {
  return instant === null ? null : isoInstant(instant);
}
