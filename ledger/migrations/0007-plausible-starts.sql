-- Which starts of calls are plausible, and months made ahead.

-- When the record reached its source, as the source said (a message's timestamp), and the first and last start that was plausible
-- for it then; null where nobody said.
alter table quarantine add column received_at timestamptz;
alter table quarantine add column starts_from timestamptz;
alter table quarantine add column starts_to timestamptz;
-- The month (yyyymm) that the record waits for: its call is rated by itself once `entry` has a partition for it.
alter table quarantine add column waits_month int;
-- Where a record came from and when stays as it was: migration 0005 named the columns that there were.
drop trigger quarantine_keeps_what_it_says on quarantine;
do $$
declare
  fixed text;
begin
  select string_agg(quote_ident(attname), ', ' order by attnum) into fixed from pg_catalog.pg_attribute
  where attrelid = 'quarantine'::regclass and attnum > 0 and not attisdropped
    and attname <> all (array['reason', 'detail', 'state', 'waits_for', 'is_stale', 'arrivals', 'waits_month']);
  execute format('create trigger quarantine_keeps_what_it_says before update of %s on quarantine
    for each row execute function refuse_change(%L)', fixed, 'a record stays as it came, and is never removed');
end $$;
alter table quarantine enable always trigger quarantine_keeps_what_it_says;
create index quarantine_waits_month on quarantine (waits_month) where waits_month is not null and state = 'waiting';

-- Starts that a person accepted though they were implausible, for good.
create table start_acceptance (
  no           bigint generated always as identity primary key,
  quarantine   bigint not null references quarantine (no),
  accepted_by  text not null,
  note         text not null,
  accepted_at  timestamptz not null default now()
);
create index start_acceptance_quarantine on start_acceptance (quarantine);
create trigger start_acceptance_is_append_only before update or delete on start_acceptance
  for each row execute function refuse_change();
create trigger start_acceptance_is_never_truncated before truncate on start_acceptance
  for each statement execute function refuse_change();
alter table start_acceptance enable always trigger start_acceptance_is_append_only;
alter table start_acceptance enable always trigger start_acceptance_is_never_truncated;

-- Months of `entry`. Everything that a month's partition has stands in `make_entry_month`, and nowhere else: the indexes are
-- the partition's own, since one on the whole table must hold the period, which is the same in all of a partition's rows.
-- A violation names the rule: `entry_202611_call`, `entry_202611_feed`. TRUNCATE triggers are not inherited.
-- The functions are made by `execute` so that each is pinned to the schema that the ledger is in, with temporary tables last.
do $migration$
begin
  execute format($sql$
    create function has_entry_month(month int) returns boolean language sql stable
      set search_path = pg_catalog, %1$I, pg_temp as $$
      select exists (select from pg_catalog.pg_inherits
                     where inhparent = 'entry'::regclass and inhrelid = to_regclass('entry_' || month))
    $$;
  $sql$, current_schema());

  -- With the rights of whoever calls it: the tables' owner alone can.
  execute format($sql$
    create function make_entry_month(month int) returns void language plpgsql
      set search_path = pg_catalog, %1$I, pg_temp as $$
    declare
      name text := 'entry_' || month;
    begin
      if month is null or month not between 200001 and 206012 or month %% 100 not between 1 and 12 then
        raise exception 'Cannot make month %%: it is no month as yyyymm from 2000 to 2060', month
          using errcode = 'invalid_parameter_value';
      end if;
      -- Two who want the same month wait for one another.
      perform pg_advisory_xact_lock(7260116);
      if has_entry_month(month) then
        return;
      end if;
      -- Attached rather than created in place: ATTACH lets writers of other months go on.
      execute format('create table %1$I.%%I (like %1$I.entry including defaults including constraints including storage)', name);
      execute format('create unique index %%I on %1$I.%%I (bucket, account, identity, revision)', name || '_call', name);
      execute format('create unique index %%I on %1$I.%%I (bucket, position)', name || '_feed', name);
      execute format('create trigger entry_is_never_truncated before truncate on %1$I.%%I '
        'for each statement execute function %1$I.refuse_change()', name);
      execute format('alter table %1$I.%%I enable always trigger entry_is_never_truncated', name);
      execute format('alter table %1$I.entry attach partition %1$I.%%I for values in (%%s)', name, month);
    end $$;
  $sql$, current_schema());

  -- With the owner's rights, for a role that may call it and may make no table. Whatever starts records claim, a ledger has no
  -- more months than this from them; a person may have more made (`fairtally setup --months`).
  execute format($sql$
    create function ensure_entry_month(month int) returns boolean language plpgsql security definer
      set search_path = pg_catalog, %1$I, pg_temp as $$
    begin
      if has_entry_month(month) then
        return true;
      end if;
      perform pg_advisory_xact_lock(7260116);
      if (select count(*) from pg_catalog.pg_inherits where inhparent = 'entry'::regclass) >= 60 then
        return has_entry_month(month);
      end if;
      perform make_entry_month(month);
      return true;
    end $$;
  $sql$, current_schema());

  execute 'revoke execute on function ensure_entry_month(int) from public';
end $migration$;
