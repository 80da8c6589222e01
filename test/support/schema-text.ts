import type { Queryable } from '../../ledger/index.ts';

/**
 * The schema as text, from the catalogues: tables with columns, constraints, indexes and triggers, then views and
 * functions; the same from PGlite and from PostgreSQL 15 or later.
 */
export async function schemaText(q: Queryable): Promise<string> {
  const tables = await q.query<{ name: string; partitioned_by: string | null }>(TABLES);
  const parts = await Promise.all(tables.map((table) => tableText(q, table)));
  const views = await q.query<{ text: string }>(VIEWS);
  const functions = await q.query<{ text: string }>(FUNCTIONS);
  return [...parts, ...views.map(({ text }) => text), ...functions.map(({ text }) => text)]
    .map((part) => `${part.trimEnd()}\n`)
    .join('\n');
}

async function tableText(q: Queryable, table: { name: string; partitioned_by: string | null }): Promise<string> {
  const inside = await q.query<{ text: string }>(`${COLUMNS} union all ${CONSTRAINTS} order by place, text`, [
    table.name,
  ]);
  const after = await q.query<{ text: string }>(`${INDEXES} union all ${TRIGGERS} order by 1`, [table.name]);
  const partitioned = table.partitioned_by === null ? '' : ` partition by ${table.partitioned_by}`;
  const lines = inside.map(({ text }) => `  ${text}`).join(',\n');
  return [`table ${table.name} (\n${lines}\n)${partitioned};`, ...after.map(({ text }) => `${text};`)].join('\n');
}

const TABLES = `select c.relname as name,
    case c.relkind when 'p' then pg_get_partkeydef(c.oid) end as partitioned_by
  from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
  order by c.relname`;

const COLUMNS = `select a.attnum as place,
    a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
    || case when a.attnotnull then ' not null' else '' end
    || case a.attidentity when 'a' then ' generated always as identity' else '' end
    || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '') as text
  from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped`;

// Since PostgreSQL 18 "not null" is a constraint too: it stands with its column.
const CONSTRAINTS = `select 10000, 'constraint ' || conname || ' ' || pg_get_constraintdef(oid, true)
  from pg_constraint where conrelid = $1::regclass and contype <> 'n'`;

const INDEXES = `select pg_get_indexdef(i.indexrelid) as text from pg_index i
  where i.indrelid = $1::regclass and not exists (select from pg_constraint k where k.conindid = i.indexrelid
    and k.contype in ('p', 'u') and k.conrelid = i.indrelid)`;

const TRIGGERS = `select pg_get_triggerdef(t.oid) || case t.tgenabled when 'A' then ' (enabled always)' else '' end as text
  from pg_trigger t
  where t.tgrelid = $1::regclass and not t.tgisinternal`;

const VIEWS = `select 'view ' || c.relname || ' as' || chr(10) || pg_get_viewdef(c.oid, true) as text
  from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'v' order by c.relname`;

const FUNCTIONS = `select pg_get_functiondef(p.oid) as text from pg_proc p
  where p.pronamespace = 'public'::regnamespace order by p.proname`;
