import type { Queryable } from '../database/database.ts';
import { FUNCTIONS, ROLE_KINDS, TABLE_NAMES, type RoleKind, rightsOn } from './rights.ts';

/** One right on one thing; `null` as role: of everybody (`public`). */
interface Grant {
  readonly on: 'table' | 'function' | 'schema';
  /** Name of the table, signature of the function; of the schema itself ''. */
  readonly name: string;
  readonly column: string | null;
  readonly role: string | null;
  readonly privilege: string;
}

/** What has to be done so that roles have exactly their rights. */
export interface GrantChange {
  readonly kind: 'grant' | 'revoke';
  readonly role: string | null;
  /** The statement, with names quoted by the server. */
  readonly statement: string;
}

/** The names of the roles of a ledger. */
export function roleName(prefix: string, kind: RoleKind | 'owner'): string {
  return `${prefix}_${kind}`;
}

/**
 * The grants and revocations that are missing, so that each of the roles given has its rights on the ledger's tables,
 * and no others, and nobody else (`public`) may change anything. Of months' partitions nobody has a right: they are
 * reached by way of their table.
 */
export async function grantChanges(q: Queryable, prefix: string, kinds: readonly RoleKind[]): Promise<GrantChange[]> {
  const roles = kinds.map((kind) => roleName(prefix, kind));
  const tables = await q.query<{ name: string; is_partition: boolean }>(TABLES, [TABLE_NAMES]);
  const functions = await q.query<{ signature: string }>(KNOWN_FUNCTIONS, [Object.keys(FUNCTIONS)]);
  const names = tables.map(({ name }) => name);
  const signatures = functions.map(({ signature }) => signature);
  const actual = await q.query<Grant>(ACTUAL, [names, roles, signatures]);
  const wanted = [
    ...tables.flatMap(({ name, is_partition: isPartition }) => (isPartition ? [] : wantedOn(name, prefix, kinds))),
    ...signatures.flatMap((signature) => wantedOnFunction(signature, prefix, kinds)),
    ...(await missingUsage(q, roles)),
  ];
  const has = new Set(actual.map(keyOf));
  const shouldHave = new Set(wanted.map(keyOf));
  const missing = wanted.filter((grant) => !has.has(keyOf(grant)));
  const surplus = actual.filter((grant) => !shouldHave.has(keyOf(grant)));
  return [...(await statements(q, 'revoke', surplus)), ...(await statements(q, 'grant', missing))];
}

/**
 * The kinds of roles that were given a right on entries before: they work with this ledger, not with another of the
 * server.
 */
export async function rolesInUse(q: Queryable, prefix: string): Promise<RoleKind[]> {
  const rows = await q.query<{ name: string }>(
    `select distinct r.rolname as name
     from pg_class c cross join aclexplode(c.relacl) a join pg_roles r on r.oid = a.grantee
     where c.oid = to_regclass('entry') and r.rolname = any($1::text[])`,
    [ROLE_KINDS.map((kind) => roleName(prefix, kind))],
  );
  return ROLE_KINDS.filter((kind) => rows.some(({ name }) => name === roleName(prefix, kind)));
}

/** Everybody may use the schema `public`, where nobody forbade it. */
async function missingUsage(q: Queryable, roles: readonly string[]): Promise<Grant[]> {
  const rows = await q.query<{ role: string }>(
    `select role from unnest($1::text[]) as r (role) where not has_schema_privilege(role, current_schema(), 'usage')`,
    [roles],
  );
  return rows.map(({ role }) => ({ on: 'schema', name: '', column: null, role, privilege: 'USAGE' }));
}

function wantedOn(table: string, prefix: string, kinds: readonly RoleKind[]): Grant[] {
  return kinds.flatMap((kind) =>
    Object.entries(rightsOn(table, kind)).flatMap(([privilege, columns]) =>
      (columns === 'all' ? [null] : columns).map((column: string | null): Grant => ({
        on: 'table',
        name: table,
        column,
        role: roleName(prefix, kind),
        privilege: privilege.toUpperCase(),
      })),
    ),
  );
}

function wantedOnFunction(signature: string, prefix: string, kinds: readonly RoleKind[]): Grant[] {
  const callers = FUNCTIONS[signature] ?? [];
  return kinds
    .filter((kind) => callers.includes(kind))
    .map((kind) => ({
      on: 'function',
      name: signature,
      column: null,
      role: roleName(prefix, kind),
      privilege: 'EXECUTE',
    }));
}

function keyOf({ on, name, column, role, privilege }: Grant): string {
  return JSON.stringify([on, name, column, role, privilege]);
}

/** Names are quoted by the server, not by us. */
async function statements(q: Queryable, kind: 'grant' | 'revoke', grants: readonly Grant[]): Promise<GrantChange[]> {
  if (grants.length === 0) return [];
  const rows = await q.query<{ statement: string }>(kind === 'grant' ? GRANT_TEXTS : REVOKE_TEXTS, [
    grants.map(({ privilege }) => privilege),
    grants.map(({ column }) => column),
    grants.map(({ on }) => on),
    grants.map(({ name }) => name),
    grants.map(({ role }) => role),
  ]);
  return rows.map(({ statement }, index) => ({ kind, role: grants[index]?.role ?? null, statement }));
}

const texts = (verb: string, direction: string): string =>
  `select format('${verb} %s%s on %s %s ${direction} %s', g.privilege,
            case when g.col is not null then format(' (%I)', g.col) else '' end, g.kind,
            case g.kind when 'schema' then quote_ident(current_schema())
              when 'table' then format('%I.%I', current_schema(), g.name)
              else format('%I.%s', current_schema(), g.name) end,
            coalesce(quote_ident(g.role), 'public')) as statement
   from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
     with ordinality as g (privilege, col, kind, name, role, place)
   order by g.place`;
const GRANT_TEXTS = texts('grant', 'to');
const REVOKE_TEXTS = texts('revoke', 'from');

/** The ledger's own tables, views and partitions: others may live in the schema. */
const TABLES = `
  select c.relname as name, c.relispartition as is_partition from pg_class c
  where c.relnamespace = current_schema()::regnamespace and c.relname = any($1::text[])
  union all
  select c.relname, true from pg_inherits i join pg_class c on c.oid = i.inhrelid
  where i.inhparent = to_regclass('entry')
  order by 1`;

const KNOWN_FUNCTIONS = `
  select s.signature from unnest($1::text[]) as s (signature)
  where to_regprocedure(format('%I.%s', current_schema(), s.signature)) is not null`;

/**
 * Rights of the roles $2, and those of everybody that change something, on the tables $1, the functions $3 and the
 * schema.
 */
const ACTUAL = `
  with acl as (
    select 'table' as "on", c.relname as name, null::name as col, a.grantee, a.privilege_type as privilege
    from pg_class c cross join aclexplode(c.relacl) a
    where c.relnamespace = current_schema()::regnamespace and c.relname = any($1::text[])
    union all
    select 'table', c.relname, t.attname, a.grantee, a.privilege_type
    from pg_class c join pg_attribute t on t.attrelid = c.oid cross join aclexplode(t.attacl) a
    where c.relnamespace = current_schema()::regnamespace and c.relname = any($1::text[]) and not t.attisdropped
    union all
    select 'function', s.signature, null, a.grantee, a.privilege_type
    from unnest($3::text[]) as s (signature)
    join pg_proc p on p.oid = to_regprocedure(format('%I.%s', current_schema(), s.signature))
    cross join aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
    union all
    select 'schema', '', null, a.grantee, a.privilege_type
    from pg_namespace n cross join aclexplode(n.nspacl) a where n.nspname = current_schema()
  )
  select acl."on", acl.name, acl.col as "column", r.rolname as role, acl.privilege
  from acl left join pg_roles r on r.oid = acl.grantee
  where (r.rolname = any($2::text[]) or (acl.grantee = 0 and acl.privilege <> 'SELECT'))
    and (acl."on" <> 'schema' or acl.privilege <> 'USAGE')`;
