-- What is append-only, and who may do what.

-- Whatever `search_path` a session has, the function means what it says here. Table and trigger are named apart too, for whoever
-- shows no message of others.
create or replace function refuse_change() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  raise exception 'Cannot % rows of %: %', lower(tg_op), tg_table_name, coalesce(tg_argv[0], 'it is append-only')
    using errcode = 'restrict_violation', table = tg_table_name, constraint = tg_name;
end $$;

-- The rest of what was said to be append-only.
create trigger outbox_is_never_truncated before truncate on outbox
  for each statement execute function refuse_change();
create trigger source_move_is_never_truncated before truncate on source_move
  for each statement execute function refuse_change();
create trigger case_event_is_append_only before update or delete on case_event
  for each row execute function refuse_change();
create trigger case_event_is_never_truncated before truncate on case_event
  for each statement execute function refuse_change();
create trigger migration_is_append_only before update or delete on migration
  for each row execute function refuse_change();
create trigger migration_is_never_truncated before truncate on migration
  for each statement execute function refuse_change();

-- Rows that stay for good, and of which only some columns may change. An `update of` trigger costs nothing where none of
-- its columns is set. It names all columns but those that may change, as the tables are now.
do $$
declare
  kept record;
  fixed text;
begin
  for kept in select * from (values
    ('quarantine', array['reason', 'detail', 'state', 'waits_for', 'is_stale', 'arrivals'],
     'a record stays as it came, and is never removed'),
    -- Imported again, a version is the last again.
    ('offer', array['added_at'], 'a version is never rewritten or removed'),
    ('rate_deck', array['added_at'], 'a version is never rewritten or removed'),
    ('numbering_plan', array[]::text[], 'a version is never rewritten or removed'),
    ('destination', array[]::text[], 'entries name it by its number'),
    ('account', array['name'], 'its id is permanent'),
    ('line', array[]::text[], 'its id and account are permanent')
  ) as k (tab, may_change, why)
  loop
    select string_agg(quote_ident(attname), ', ' order by attnum) into fixed from pg_catalog.pg_attribute
    where attrelid = kept.tab::regclass and attnum > 0 and not attisdropped and attname <> all (kept.may_change);
    execute format('create trigger %I before update of %s on %I for each row execute function refuse_change(%L)',
      kept.tab || '_keeps_what_it_says', fixed, kept.tab, kept.why);
    execute format('create trigger %I before delete on %I for each row execute function refuse_change(%L)',
      kept.tab || '_is_never_deleted', kept.tab, kept.why);
    execute format('create trigger %I before truncate on %I for each statement execute function refuse_change(%L)',
      kept.tab || '_is_never_truncated', kept.tab, kept.why);
  end loop;
end $$;

-- A bucket's feed positions begin again at 0 without its head, and its verdicts are history: rows of these are never removed.
create trigger head_is_never_deleted before delete on head
  for each row execute function refuse_change('a bucket without its head would give feed positions twice');
create trigger head_is_never_truncated before truncate on head
  for each statement execute function refuse_change('a bucket without its head would give feed positions twice');
create trigger breach_is_never_deleted before delete on breach
  for each row execute function refuse_change('a verdict is withdrawn, never removed');
create trigger breach_is_never_truncated before truncate on breach
  for each statement execute function refuse_change('a verdict is withdrawn, never removed');
create trigger case_file_is_never_deleted before delete on case_file
  for each row execute function refuse_change('a case is decided or withdrawn, never removed');
create trigger case_file_is_never_truncated before truncate on case_file
  for each statement execute function refuse_change('a case is decided or withdrawn, never removed');

-- Partitions made so far, also by hand: TRUNCATE triggers are not inherited.
do $$
declare
  part regclass;
begin
  for part in select i.inhrelid::regclass from pg_catalog.pg_inherits i where i.inhparent = 'entry'::regclass
    and not exists (select from pg_catalog.pg_trigger t
                    where t.tgrelid = i.inhrelid and t.tgname = 'entry_is_never_truncated')
  loop
    execute format('create trigger entry_is_never_truncated before truncate on %s
      for each statement execute function refuse_change()', part);
  end loop;
end $$;

-- Also in a session whose `session_replication_role` is replica, in which ordinary triggers are silent.
do $$
declare
  guard record;
begin
  for guard in select t.tgrelid::regclass as tab, t.tgname as name from pg_catalog.pg_trigger t
    where t.tgfoid = 'refuse_change'::regproc and t.tgparentid = 0
  loop
    execute format('alter table %s enable always trigger %I', guard.tab, guard.name);
  end loop;
end $$;
