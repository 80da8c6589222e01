-- Holes that a person settled, and since when records wait in quarantine.

-- Of the positions that nothing explains: those that a person has explained, with a note.
alter table source_position add column settled bigint not null default 0;
alter table source_position drop column hole;
-- Positions passed that nothing explains: 0, or something was lost (above 0) or counted twice (below).
alter table source_position add column hole bigint not null
  generated always as (position - begins_at - moved_by - taken - empty - settled) stored;

-- Holes that people settled, for good: where the source stood, how large the hole was, who did it and why.
create table hole_settlement (
  no          bigint generated always as identity primary key,
  source      text not null,
  partition   int not null,
  position    bigint not null,
  hole        bigint not null,
  settled_by  text not null,
  note        text not null,
  settled_at  timestamptz not null default clock_timestamp()
);
create index hole_settlement_source on hole_settlement (source);
create trigger hole_settlement_is_append_only before update or delete on hole_settlement
  for each row execute function refuse_change();
create trigger hole_settlement_is_never_truncated before truncate on hole_settlement
  for each statement execute function refuse_change();
alter table hole_settlement enable always trigger hole_settlement_is_append_only;
alter table hole_settlement enable always trigger hole_settlement_is_never_truncated;

-- When a record was first set aside; of those that were there before this was kept, when it began to be kept. For people and
-- alarms alone: no rule reads it.
alter table quarantine add column set_aside_at timestamptz not null default now();
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
-- How many wait, by reason, and the oldest of them, from the index alone.
drop index quarantine_waiting;
create index quarantine_waiting on quarantine (reason, set_aside_at) where state = 'waiting';
