-- When decisions were taken; what dated facts must not do; changes that reach back over calls that were rated.

-- When a decision was taken, by the clock of who took it; `effective_at` is from when on it counts. Null: it was taken
-- before this was kept, nobody knows when.
alter table decision add column decided_at timestamptz;
alter table decision alter column decided_at set default clock_timestamp();

-- At any instant a number belongs to one line at most. An import says which lines and spans clash, by name; this holds it
-- against whoever writes otherwise. Rows of before this migration are left as they are: `fairtally setup` names them.
-- The lock is that of `lockFacts` (ledger/head-store.ts): an import has it already, others wait here for those that do.
create index line_fact_number on line_fact (number, valid_from) where number is not null;
create function refuse_number_of_two_lines() returns trigger language plpgsql as $$
declare
  clash record;
begin
  perform pg_advisory_xact_lock(7260117);
  select mine.id as line, other.id as other_line, greatest(a.valid_from, f.valid_from) as starts into clash
  from added a
  join line_fact f on f.number = a.number and (f.line, f.valid_from) <> (a.line, a.valid_from)
    and f.valid_from < coalesce(a.valid_to, 'infinity') and a.valid_from < coalesce(f.valid_to, 'infinity')
  join line mine on mine.no = a.line
  join line other on other.no = f.line
  limit 1;
  if found then
    raise exception 'Cannot give line ''%'' a number from % on: line ''%'' has it then',
      clash.line, clash.starts, clash.other_line
      using errcode = 'exclusion_violation', table = 'line_fact', constraint = 'line_fact_number_is_of_one_line';
  end if;
  return null;
end $$;
create trigger line_fact_number_is_of_one_line after insert on line_fact
  referencing new table as added for each statement execute function refuse_number_of_two_lines();
create trigger line_fact_number_stays_of_one_line after update on line_fact
  referencing new table as added for each statement execute function refuse_number_of_two_lines();

-- Decks, offers and numbering plans that were taken though they change what is rated already: who did it, when, and why.
create table retroactive_change (
  no            bigint generated always as identity primary key,
  -- rate-deck, offer, numbering-plan.
  kind          text not null,
  -- Name or id with the version: `full-illimite@5b68cf8d5ac76de7`.
  version       text not null,
  -- The earliest instant from which it changes anything, and how many calls that were rated it may change.
  reaches_back  timestamptz not null,
  calls         bigint not null,
  taken_by      text not null,
  note          text not null,
  taken_at      timestamptz not null default clock_timestamp(),
  constraint retroactive_change_kind check (kind in ('rate-deck', 'offer', 'numbering-plan'))
);
create trigger retroactive_change_is_append_only before update or delete on retroactive_change
  for each row execute function refuse_change();
create trigger retroactive_change_is_never_truncated before truncate on retroactive_change
  for each statement execute function refuse_change();
alter table retroactive_change enable always trigger retroactive_change_is_append_only;
alter table retroactive_change enable always trigger retroactive_change_is_never_truncated;
