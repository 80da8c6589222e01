import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import {
  canLogIn,
  type Database,
  openDatabase,
  type RoleKind,
  type RolesOutcome,
  setUpRoles,
} from '../../ledger/index.ts';
import { runOn } from './postgres.ts';
import { createTestDatabase } from './test-database.ts';

/** A ledger with roles of its own on the shared server: roles belong to a server, so each test names its own. */
export interface TestRoles {
  /** The migrated database; its address is an administrator's. */
  readonly database: { readonly url: string };
  readonly prefix: string;
  /** Of every role. */
  readonly password: string;
  name(kind: RoleKind | 'owner'): string;
  /** The ledger's address for a role. */
  url(kind: RoleKind | 'owner'): string;
  /** `setUpRoles` as the role that `db` is connected as, with other passwords where given. */
  setUp(db: Database, passwords?: Partial<Record<RoleKind, string>>): Promise<RolesOutcome>;
  /** Removes the database, the roles and `others`. */
  drop(others?: readonly string[]): Promise<void>;
}

const KINDS = ['owner', 'rater', 'operator', 'relay', 'reader'] as const;

export async function createTestRoles({
  isSetUp = true,
  template = inject('postgres').template,
} = {}): Promise<TestRoles> {
  const database = await createTestDatabase(template);
  const prefix = `test_${randomBytes(6).toString('hex')}`;
  const password = randomBytes(9).toString('hex');
  const name = (kind: RoleKind | 'owner'): string => `${prefix}_${kind}`;
  const roles: TestRoles = {
    database,
    prefix,
    password,
    name,
    url: (kind) => addressOf(database.url, name(kind), password),
    setUp: (db, passwords = {}) =>
      setUpRoles(db, {
        prefix,
        passwords: { ...Object.fromEntries(KINDS.map((kind) => [kind, password])), ...passwords },
        logsIn: (role, given) => canLogIn(database.url, role, given),
      }),
    async drop(others = []) {
      await database.drop();
      const { url } = inject('postgres');
      for (const role of [...KINDS.map(name), ...others]) await runOn(url, `drop role if exists ${role}`);
    },
  };
  if (isSetUp) {
    const db = await openDatabase({ url: database.url });
    await roles.setUp(db);
    await db.close();
  }
  return roles;
}

/** The address `url` for another user. */
export function addressOf(url: string, user: string, password: string): string {
  const address = new URL(url);
  address.username = user;
  address.password = encodeURIComponent(password);
  return address.href;
}
