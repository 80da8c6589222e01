-- Every row is in a bucket that there is, at a position that there can be; positions move forward alone; and where each
-- bucket's proof begins is written down.

-- NOT VALID: a ledger that has such rows already can be brought up to date, and `fairtally verify` names them.
alter table entry add constraint entry_is_in_the_feed check (position > 0 and bucket between 0 and 63) not valid;
alter table posting add constraint posting_is_in_the_feed check (after >= 0 and bucket between 0 and 63) not valid;
alter table head add constraint head_is_in_the_feed check (position >= 0 and facts >= 0 and bucket between 0 and 63) not valid;
alter table relay_cursor add constraint relay_cursor_is_in_the_feed
  check (position >= 0 and bucket between 0 and 63) not valid;
alter table ledger_life_start add constraint ledger_life_start_is_in_the_feed
  check (position >= 0 and event >= 0 and bucket between 0 and 63) not valid;
alter table outbox add constraint outbox_is_in_the_feed check (no > 0 and bucket between 0 and 63) not valid;
alter table case_event add constraint case_event_is_in_its_bucket check (no > 0 and bucket between 0 and 63) not valid;
alter table decision add constraint decision_is_in_its_bucket check (sequence > 0 and bucket between 0 and 63) not valid;
alter table source_position add constraint source_position_is_in_the_source
  check (position >= 0 and begins_at >= 0 and taken >= 0 and empty >= 0 and moves >= 0) not valid;
alter table source_move add constraint source_move_is_in_the_source check (moved_from >= 0 and moved_to >= 0) not valid;
alter table hole_settlement add constraint hole_settlement_is_in_the_source check (position >= 0) not valid;
alter table quarantine add constraint quarantine_is_in_the_source check (position >= 0 and item >= 0) not valid;
do $$
declare
  name text;
begin
  foreach name in array array['account', 'line', 'line_fact', 'line_device', 'line_network', 'stale_line', 'breach',
    'case_file', 'line_suspension', 'unresolved_party', 'billed_call', 'watched_hash']
  loop
    execute format('alter table %I add constraint %I check (bucket between 0 and 63) not valid',
      name, name || '_is_in_a_bucket');
  end loop;
end $$;

-- A feed position is given once, and whoever caches a bucket must see each change of it.
create trigger head_moves_forward before update of bucket, position, facts on head for each row
  when (new.bucket <> old.bucket or new.position < old.position or new.facts < old.facts)
  execute function refuse_change('a head moves forward only, since no feed position is given twice');
alter table head enable always trigger head_moves_forward;
-- A source is read again only where a person moved it, on record.
create trigger source_position_moves_forward before update of position, taken, empty, moves on source_position for each row
  when (new.position < old.position and new.moves <= old.moves
        or new.taken < old.taken or new.empty < old.empty or new.moves < old.moves)
  execute function refuse_change('a source moves forward only, unless a person moves it');
alter table source_position enable always trigger source_position_moves_forward;

-- A cursor ahead of the ledger would pass over what is yet to come without telling it.
do $migration$
begin
  execute format($sql$
    create function refuse_cursor_ahead() returns trigger language plpgsql
      set search_path = pg_catalog, %1$I, pg_temp as $$
    declare
      last bigint;
    begin
      if new.feed = 'usage' then
        select position into last from head where bucket = new.bucket;
      else
        select max(no) into last from outbox where bucket = new.bucket;
      end if;
      if new.position > coalesce(last, 0) then
        raise exception 'Cannot move the cursor of feed ''%%'' in bucket ''%%'' to ''%%'': the ledger ends at ''%%'' there',
          new.feed, new.bucket, new.position, coalesce(last, 0)
          using errcode = 'check_violation', table = tg_table_name, constraint = tg_name;
      end if;
      return new;
    end $$;
  $sql$, current_schema());
  -- Whatever `search_path` a session has, the function means what it says here.
  execute format('alter function refuse_number_of_two_lines() set search_path = pg_catalog, %I, pg_temp', current_schema());
end $migration$;
create trigger relay_cursor_is_not_ahead before insert or update of position on relay_cursor for each row
  when (new.position > 0) execute function refuse_cursor_ahead();

-- The last feed position of each bucket that was given before postings were kept: its entries are not proven, and there are
-- just as many. Later ones are all proven. The locks that this migration has taken keep writers out meanwhile.
create table proof_start (
  bucket      smallint primary key constraint proof_start_is_in_a_bucket check (bucket between 0 and 63),
  position    bigint not null constraint proof_start_is_in_the_feed check (position >= 0)
);
insert into proof_start (bucket, position)
  select bucket, coalesce((select min(p.after) from posting p where p.bucket = head.bucket), position) from head;
create trigger proof_start_is_append_only before update or delete on proof_start
  for each row execute function refuse_change();
create trigger proof_start_is_never_truncated before truncate on proof_start
  for each statement execute function refuse_change();
alter table proof_start enable always trigger proof_start_is_append_only;
alter table proof_start enable always trigger proof_start_is_never_truncated;

-- Facts of lines that changed what was rated already are kept beside decks and offers that did.
alter table retroactive_change drop constraint retroactive_change_kind;
alter table retroactive_change add constraint retroactive_change_kind
  check (kind in ('rate-deck', 'offer', 'numbering-plan', 'lines'));
