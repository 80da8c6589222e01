-- What people say of numbers that the numbering plan refuses (docs/decisions/0047-number-repairs.md).
--
-- `prefix`: numbers that begin so, of so many digits, lead to a destination of the plan. `dialled`: what a switch writes
-- at the beginning of its numbers, and what takes its place. The last row of a key counts; one that says nothing of
-- where it leads takes back what was said before.
create table number_repair (
  no           bigint generated always as identity primary key,
  kind         text not null constraint number_repair_kind check (kind in ('prefix', 'dialled')),
  begins       text not null constraint number_repair_begins check (begins ~ '^[0-9*#+]{0,15}$'),
  digits       int constraint number_repair_digits check (digits between 2 and 15),
  destination  int references destination (no),
  -- Whose numbers; null: those of every switch.
  switch       text,
  replacement  text constraint number_repair_replacement check (replacement ~ '^[0-9*#+]{0,15}$'),
  taken_by     text not null,
  note         text not null,
  taken_at     timestamptz not null default clock_timestamp(),
  constraint number_repair_says_what check (
    (kind = 'prefix' and digits is not null and switch is null and replacement is null and begins ~ '^[0-9]{2,15}$')
    or (kind = 'dialled' and digits is null and destination is null)
  )
);
create trigger number_repair_is_append_only before update or delete on number_repair
  for each row execute function refuse_change();
create trigger number_repair_is_never_truncated before truncate on number_repair
  for each statement execute function refuse_change();
alter table number_repair enable always trigger number_repair_is_append_only;
alter table number_repair enable always trigger number_repair_is_never_truncated;
