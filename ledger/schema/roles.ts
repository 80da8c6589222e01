import type { Database, Queryable, Transaction } from '../database/database.ts';
import { type GrantChange, grantChanges, roleName, rolesInUse } from './grants.ts';
import { FUNCTIONS, ROLE_KINDS, type RoleKind, TABLE_NAMES, TRIGGER_FUNCTIONS } from './rights.ts';
import { scramVerifier } from '../database/scram-verifier.ts';

/** Roles can't be made or given their rights; nothing has been changed. */
export class RoleError extends Error {
  override readonly name = 'RoleError';
  readonly code = 'roles-refused';
  readonly retryable = false;
}

export interface RoleOptions {
  /** Roles are named `‹prefix›_rater` and so on: two ledgers of one server need two prefixes. */
  readonly prefix: string;
  /** By which the roles log in: printable ASCII. A role without one is made without a password. */
  readonly passwords: Readonly<Partial<Record<RoleKind | 'owner', string>>>;
  /** Whether a role can log in with a password, tried on a connection of its own. */
  readonly logsIn: (role: string, password: string) => Promise<boolean>;
}

/** The variable that holds a role's password. */
export function passwordVariable(kind: RoleKind | 'owner'): string {
  return `FAIRTALLY_${kind.toUpperCase()}_PASSWORD`;
}

/** What was done, and what a person should look at: a line each, without any password. */
export interface RolesOutcome {
  readonly did: readonly string[];
  readonly warnings: readonly string[];
}

/** Any number that nothing else locks: two who make roles wait for one another under it. */
const LOCK = 7_260_118;
/** Revoking a right on a table takes those on its columns along: they are given again in the next turn. */
const MAX_TURNS = 4;

/**
 * Makes the roles of a migrated ledger on PostgreSQL, and gives each just what it needs. Roles that exist are kept,
 * and so is what they have beyond the ledger's tables; run again it changes nothing. A superuser hands the ledger
 * over to `‹prefix›_owner`, which is none; anybody else must be the owner of the tables, and stays it. Throws
 * `RoleError`.
 */
export async function setUpRoles(db: Database, options: RoleOptions): Promise<RolesOutcome> {
  const logins = await wrongPasswords(db, options);
  return db.transaction(async (tx) => {
    await tx.query('select pg_advisory_xact_lock($1)', [LOCK]);
    const self = await whoAmI(tx);
    const did: string[] = [];
    if (self.isSuperuser) did.push(...(await ensureRole(tx, 'owner', options, logins)));
    for (const kind of ROLE_KINDS) did.push(...(await ensureRole(tx, kind, options, logins)));
    did.push(...(self.isSuperuser ? await handOver(tx, roleName(options.prefix, 'owner')) : await needOwner(tx, self)));
    did.push(...(await letConnect(tx, options.prefix)));
    did.push(...(await giveRights(tx, options.prefix)));
    return { did, warnings: await warningsOn(tx, options.prefix) };
  });
}

/**
 * What roles of this prefix lack that exist and work with this ledger, as after a migration that made a table: a line
 * each. Nothing when the ledger has no such roles.
 */
export async function lackingRights(q: Queryable, prefix: string): Promise<string[]> {
  const changes = await grantChanges(q, prefix, await rolesInUse(q, prefix));
  const lacking = Map.groupBy(
    changes.filter(({ kind }) => kind === 'grant'),
    ({ role }) => role ?? 'public',
  );
  return [...lacking].map(
    ([role, missing]) => `Role '${role}' lacks ${missing.length} of its rights: 'fairtally setup --roles' gives them`,
  );
}

interface Self {
  readonly name: string;
  readonly isSuperuser: boolean;
}

async function whoAmI(q: Queryable): Promise<Self> {
  const [self] = await q.query<Self>(
    `select rolname as name, rolsuper as "isSuperuser" from pg_roles where rolname = current_user`,
  );
  if (self === undefined) throw new RoleError('Cannot make roles: the database does not know who we are');
  return self;
}

/** Roles that exist and do not log in with the password that was given for them. */
async function wrongPasswords(q: Queryable, { prefix, passwords, logsIn }: RoleOptions): Promise<ReadonlySet<string>> {
  const wrong = new Set<string>();
  for (const kind of ['owner', ...ROLE_KINDS] as const) {
    const password = passwords[kind];
    const name = roleName(prefix, kind);
    if (password === undefined || !(await roleExists(q, name))) continue;
    if (!(await logsIn(name, password))) wrong.add(name);
  }
  return wrong;
}

async function roleExists(q: Queryable, name: string): Promise<boolean> {
  const rows = await q.query('select from pg_roles where rolname = $1', [name]);
  return rows.length > 0;
}

async function ensureRole(
  tx: Transaction,
  kind: RoleKind | 'owner',
  { prefix, passwords }: RoleOptions,
  wrong: ReadonlySet<string>,
): Promise<string[]> {
  const name = roleName(prefix, kind);
  const password = passwords[kind];
  if (!(await roleExists(tx, name))) {
    // An owner without a password owns, and nobody logs in as it.
    const login = kind === 'owner' && password === undefined ? 'nologin' : 'login';
    await changeRole(tx, `create role %I ${login}`, { kind, name, password });
    return [`Made role '${name}'${password === undefined ? ' without a password' : ''}`];
  }
  if (password === undefined || !wrong.has(name)) return [];
  await changeRole(tx, 'alter role %I login', { kind, name, password });
  return [`Role '${name}' has the password that was given`];
}

/** The verifier stands on a line of its own: messages show a statement's first line. */
async function changeRole(
  tx: Transaction,
  verb: string,
  { kind, name, password }: { kind: RoleKind | 'owner'; name: string; password: string | undefined },
): Promise<void> {
  const template = password === undefined ? verb : `${verb}\npassword %L`;
  const [row] = await tx.query<{ statement: string }>('select format($1, $2::text, $3::text) as statement', [
    template,
    name,
    password === undefined ? null : scramVerifier(password),
  ]);
  try {
    await tx.exec(row?.statement ?? '');
  } catch (cause) {
    if (!isDenied(cause)) throw cause;
    throw new RoleError(
      `Cannot make or change role '${name}': the role that runs this may not. Have an administrator run ` +
        `'create role ${name} login', give it a password, and run this again without ${passwordVariable(kind)}`,
      { cause },
    );
  }
}

function isDenied(cause: unknown): boolean {
  return cause instanceof Error && Reflect.get(cause, 'sqlState') === '42501';
}

/** Gives the ledger's tables, functions and the right to make others in its schema to `owner`, who is no superuser. */
async function handOver(tx: Transaction, owner: string): Promise<string[]> {
  const rows = await tx.query<{ statement: string }>(NOT_OWNED_BY, [
    owner,
    TABLE_NAMES,
    [...TRIGGER_FUNCTIONS, ...Object.keys(FUNCTIONS)],
  ]);
  for (const { statement } of rows) await tx.exec(statement);
  return rows.length === 0 ? [] : [`The ledger's tables belong to '${owner}'`];
}

const NOT_OWNED_BY = `
  select format('alter %s %I.%I owner to %I', case c.relkind when 'v' then 'view' else 'table' end, current_schema(),
           c.relname, $1::text) as statement
  from pg_class c
  where c.relnamespace = current_schema()::regnamespace and c.relowner <> $1::regrole
    and (c.relname = any($2::text[]) or c.oid in (select inhrelid from pg_inherits where inhparent = to_regclass('entry')))
  union all
  select format('alter function %I.%s owner to %I', current_schema(), s.signature, $1::text)
  from unnest($3::text[]) as s (signature)
  join pg_proc p on p.oid = to_regprocedure(format('%I.%s', current_schema(), s.signature))
  where p.proowner <> $1::regrole
  union all
  select format('grant usage, create on schema %I to %I', current_schema(), $1::text)
  where not has_schema_privilege($1, current_schema(), 'usage')
     or not has_schema_privilege($1, current_schema(), 'create')`;

/** Who is no superuser can give rights on what is its own. */
async function needOwner(tx: Transaction, self: Self): Promise<string[]> {
  const [row] = await tx.query<{ owner: string; isOurs: boolean }>(
    `select r.rolname as owner, pg_has_role(r.oid, 'usage') as "isOurs"
     from pg_class c join pg_roles r on r.oid = c.relowner where c.oid = 'entry'::regclass`,
  );
  if (row?.isOurs === true) return [];
  throw new RoleError(
    `Cannot give rights on the ledger's tables as '${self.name}': they belong to '${row?.owner ?? 'nobody'}'`,
  );
}

async function letConnect(tx: Transaction, prefix: string): Promise<string[]> {
  const roles = ROLE_KINDS.map((kind) => roleName(prefix, kind));
  const rows = await tx.query<{ statement: string; role: string }>(
    `select format('grant connect on database %I to %I', current_database(), role) as statement, role
     from unnest($1::text[]) as r (role) where not has_database_privilege(role, current_database(), 'connect')`,
    [roles],
  );
  for (const { statement } of rows) await tx.exec(statement);
  return rows.map(({ role }) => `Role '${role}' may connect`);
}

async function giveRights(tx: Transaction, prefix: string): Promise<string[]> {
  const done: GrantChange[] = [];
  for (let turn = 1; turn <= MAX_TURNS; turn++) {
    const changes = await grantChanges(tx, prefix, ROLE_KINDS);
    if (changes.length === 0) break;
    for (const { statement } of changes) await tx.exec(statement);
    done.push(...changes);
  }
  return [...Map.groupBy(done, ({ role }) => role)].map(([role, changes]) => {
    const given = changes.filter(({ kind }) => kind === 'grant').length;
    const taken = changes.length - given;
    const parts = [...(given === 0 ? [] : [`given ${given}`]), ...(taken === 0 ? [] : [`taken ${taken}`])];
    return `${role === null ? 'Everybody' : `Role '${role}'`}: rights ${parts.join(', ')}`;
  });
}

/** What would make rights mean nothing, or could not be changed. */
async function warningsOn(tx: Transaction, prefix: string): Promise<string[]> {
  const left = await grantChanges(tx, prefix, ROLE_KINDS);
  const mighty = await tx.query<{ name: string; why: string }>(
    `select r.rolname as name,
            case when r.rolsuper then 'is a superuser' else 'is a member of the role that owns the tables' end as why
     from pg_roles r
     where r.rolname = any($1::text[])
       and (r.rolsuper or pg_has_role(r.oid, (select relowner from pg_class where oid = 'entry'::regclass), 'member'))`,
    [ROLE_KINDS.map((kind) => roleName(prefix, kind))],
  );
  return [
    ...mighty.map(({ name, why }) => `Role '${name}' ${why}: it may do everything, whatever it is given`),
    ...left.map(({ statement }) => `Not done, since somebody else gave or keeps the right: ${statement}`),
  ];
}
