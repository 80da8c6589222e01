-- breaking
-- Which months are closed: a program that does not know it would bill late calls in a month whose bill is made.

-- Every move of a month from one state to another, for good. A month without a row is open, unless a later one is closed: then it
-- is closed with it.
create table period_move (
  no          int generated always as identity primary key,
  period      int not null,
  -- What the month is from then on. Closed: what comes later is billed in the first month that is not.
  state       text not null,
  moved_by    text not null,
  note        text not null,
  moved_at    timestamptz not null,
  constraint period_move_state check (state in ('open', 'closing', 'closed')),
  constraint period_move_is_of_a_month check (period between 100001 and 999912 and period % 100 between 1 and 12)
);
create unique index period_is_closed_once on period_move (period) where state = 'closed';

-- What each close had seen: the entries of each bucket up to a feed position. No later one is billed in the month.
create table period_close (
  period      int not null,
  bucket      smallint not null constraint period_close_is_in_a_bucket check (bucket between 0 and 63),
  position    bigint not null constraint period_close_is_in_the_feed check (position >= 0),
  primary key (period, bucket)
);
-- The breaches that stood as their month was closed. One of a closed month that is not here waits for a person.
create table closed_breach (
  bucket      smallint not null constraint closed_breach_is_in_a_bucket check (bucket between 0 and 63),
  line        int not null,
  period      int not null,
  condition   text not null,
  primary key (bucket, line, period, condition)
);
do $$
declare
  name text;
begin
  foreach name in array array['period_move', 'period_close', 'closed_breach'] loop
    execute format('create trigger %1$I_is_append_only before update or delete on %1$I
      for each row execute function refuse_change()', name);
    execute format('create trigger %1$I_is_never_truncated before truncate on %1$I
      for each statement execute function refuse_change()', name);
    execute format('alter table %1$I enable always trigger %1$I_is_append_only', name);
    execute format('alter table %1$I enable always trigger %1$I_is_never_truncated', name);
  end loop;
end $$;

-- A month that is closed, by itself or with a later one, is moved no more: the database says so, too.
do $migration$
begin
  execute format($sql$
    create function refuse_move_of_closed_period() returns trigger language plpgsql
      set search_path = pg_catalog, %1$I, pg_temp as $$
    begin
      if exists (select from period_move where state = 'closed' and period >= new.period) then
        raise exception 'Cannot make period ''%%'' ''%%'': it is closed', new.period, new.state
          using errcode = 'check_violation', table = tg_table_name, constraint = tg_name;
      end if;
      return new;
    end $$;
  $sql$, current_schema());
end $migration$;
create trigger period_stays_closed before insert on period_move
  for each row execute function refuse_move_of_closed_period();
alter table period_move enable always trigger period_stays_closed;

-- Postings of a bucket in the order of time, by which "as of an instant" becomes a feed position.
create index posting_in_time on posting (bucket, posted_at, up_to);
