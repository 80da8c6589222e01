-- Where lines were registered, as switches say it (docs/decisions/0038-registrations.md).

-- What was said of the registrations of one party (a line by its id, or a number), of one contact, user agent and
-- address, in six hours. Who is registered for hours says so every few minutes: each time adds a few bytes to one row,
-- and no row.
create table registration (
  -- Of the party, not of an account: whose a number is may change.
  bucket      smallint not null constraint registration_is_in_a_bucket check (bucket between 0 and 63),
  party       text not null,
  -- Six hours since the epoch.
  chunk       int not null constraint registration_chunk_is_counted check (chunk >= 0),
  -- Half a SHA-256 of contact, user agent and address: they may be long.
  binding     uuid not null,
  contact     text not null,
  user_agent  text not null,
  address     text not null,
  -- Of each time four bytes: ms since the chunk began; and four: seconds to its expiry, 0 where it ends.
  events      bytea not null constraint registration_events_are_whole
    check (length(events) > 0 and length(events) % 8 = 0),
  primary key (bucket, party, chunk, binding)
) with (fillfactor = 70);

-- What was said stays said: events are added after those that there are.
create function refuse_other_events() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if substring(new.events from 1 for length(old.events)) <> old.events then
    raise exception 'Cannot update rows of %: what was said of a registration stays, and more may be added', tg_table_name
      using errcode = 'restrict_violation', table = tg_table_name, constraint = tg_name;
  end if;
  return new;
end $$;
create trigger registration_keeps_what_it_says
  before update of bucket, party, chunk, binding, contact, user_agent, address
  on registration for each row execute function refuse_change('what was said of a registration stays');
create trigger registration_only_grows before update of events on registration
  for each row execute function refuse_other_events();
create trigger registration_is_never_deleted before delete on registration
  for each row execute function refuse_change();
create trigger registration_is_never_truncated before truncate on registration
  for each statement execute function refuse_change();
alter table registration enable always trigger registration_keeps_what_it_says;
alter table registration enable always trigger registration_only_grows;
alter table registration enable always trigger registration_is_never_deleted;
alter table registration enable always trigger registration_is_never_truncated;

-- Lines of which registrations came, and the last start of their calls whose records don't tell where they came from:
-- only what is said of an instant up to it can change what was billed. Null: no call. Who writes a row has locked the
-- head of its bucket.
create table registered_line (
  bucket      smallint not null constraint registered_line_is_in_a_bucket check (bucket between 0 and 63),
  line        int not null,
  last_start  timestamptz,
  primary key (bucket, line)
) with (fillfactor = 70);
