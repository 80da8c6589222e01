-- breaking
-- Which rate deck is in force from when on: a program that does not know it would price every call by the deck registered last, also
-- by one that is to begin later.

-- In force at an instant is the deck of the greatest `valid_from` that is not after it; where several are of that instant, the one
-- entered last. Nothing is ever taken out: a later entry overrides an earlier one.
create table deck_schedule (
  no          int generated always as identity primary key,
  -- call-start: it prices calls that start then. billing-day: it prices what is billed by a day, by the day's first instant.
  basis       text not null,
  -- -infinity: from ever on.
  valid_from  timestamptz not null,
  rate_deck   int not null references rate_deck (no),
  taken_by    text not null,
  taken_at    timestamptz not null default clock_timestamp(),
  constraint deck_schedule_basis check (basis in ('call-start', 'billing-day')),
  constraint deck_schedule_begins check (valid_from < 'infinity')
);
create trigger deck_schedule_is_append_only before update or delete on deck_schedule
  for each row execute function refuse_change();
create trigger deck_schedule_is_never_truncated before truncate on deck_schedule
  for each statement execute function refuse_change();
alter table deck_schedule enable always trigger deck_schedule_is_append_only;
alter table deck_schedule enable always trigger deck_schedule_is_never_truncated;

-- So far the deck that was imported last priced every call. Who imported it was not kept.
insert into deck_schedule (basis, valid_from, rate_deck, taken_by, taken_at)
select b.basis, '-infinity', k.no, 'unknown', k.added_at
from (select no, added_at from rate_deck order by added_at desc, no desc limit 1) as k,
     (values ('call-start', 1), ('billing-day', 2)) as b (basis, place)
order by b.place;
