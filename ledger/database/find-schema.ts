import { DatabaseError } from './database-error.ts';

/** Sends a statement on a connection that has no settings yet. */
export type Ask = <Row>(sql: string, params?: readonly unknown[]) => Promise<Row[]>;

const DEFAULT_SCHEMA = 'public';

/** By these a ledger is known: tables of the same names in another schema must be all of them to be taken for one. */
const LEDGER_TABLES = ['migration', 'head', 'entry', 'source_position'];

/**
 * The schema of the ledger in a database, on a connection whose `search_path` may be anybody's; it is another
 * afterwards. A schema that was named must be there. Else it is the one that holds a ledger, whatever the
 * `search_path` says; of several `public`. Where there is no ledger yet, it will be made in the first schema of the
 * `search_path`, if somebody set that one, tables can be made there and none is in the way; else in `public`. Throws
 * `DatabaseError` where it can't be told.
 */
export async function findSchema(ask: Ask, named: string | null): Promise<string> {
  const path = named === null ? await pathThatWasSet(ask) : [];
  // From here on operators and types are PostgreSQL's own, whatever lies in other schemas.
  await ask('set search_path to pg_catalog, pg_temp');
  if (named !== null) return namedSchema(ask, named);
  const ledgers = await ask<{ name: string }>(LEDGERS, [LEDGER_TABLES]);
  const names = ledgers.map(({ name }) => name);
  if (names.includes(DEFAULT_SCHEMA)) return DEFAULT_SCHEMA;
  if (names.length > 1) {
    throw new DatabaseError(
      `Cannot choose between the ledgers in schemas '${names.join("', '")}': FAIRTALLY_SCHEMA names one`,
      { code: 'other' },
    );
  }
  const [only] = names;
  if (only !== undefined) return only;
  const [chosen] = await ask<{ name: string }>(FREE, [path, LEDGER_TABLES]);
  return chosen?.name ?? DEFAULT_SCHEMA;
}

/** The schemas of the session's `search_path`, where the role, the database, the server or the address sets one. */
async function pathThatWasSet(ask: Ask): Promise<string[]> {
  // Neither operators nor casts: they would be looked up by the very path that is asked for.
  const settings = await ask<{ name: string; source: string }>('select name, source from pg_catalog.pg_settings');
  if (settings.find(({ name }) => name === 'search_path')?.source === 'default') return [];
  const schemas = await ask<{ name: string }>('select pg_catalog.unnest(pg_catalog.current_schemas(false)) as name');
  return schemas.map(({ name }) => name);
}

async function namedSchema(ask: Ask, name: string): Promise<string> {
  const found = await ask('select from pg_namespace where nspname = $1', [name]);
  if (found.length > 0) return name;
  throw new DatabaseError(`Cannot use schema '${name}': the database has none of that name; 'create schema' makes it`, {
    code: 'other',
  });
}

const LEDGERS = `
  select n.nspname as name from pg_namespace n
  where n.nspname not like 'pg\\_%' and has_schema_privilege(n.oid, 'usage') and (
    select count(*) from pg_class c
    where c.relnamespace = n.oid and c.relkind in ('r', 'p') and c.relname = any($1::text[])
  ) = cardinality($1::text[])
  order by 1`;

const FREE = `
  select s.name from unnest($1::text[]) with ordinality as s (name, place) join pg_namespace n on n.nspname = s.name
  where s.name not like 'pg\\_%' and has_schema_privilege(n.oid, 'create')
    and not exists (select from pg_class c where c.relnamespace = n.oid and c.relname = any($2::text[]))
  order by s.place limit 1`;
