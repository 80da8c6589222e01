-- Where records that could not be read came from, of what can be read once more (files): the same bytes may stand in several
-- places, and each is a record of its own once it can be read. A record waits as long as one of its arrivals does.
create table unread_arrival (
  quarantine bigint not null,
  -- The source, or, of one that was read again from its start, the first reading of the same content.
  source     text not null,
  position   bigint not null,
  item       int not null,
  -- How often it was read there.
  arrivals   bigint not null constraint unread_arrival_came check (arrivals > 0),
  -- It is read once more since: what it is then, that reading says.
  is_reread  boolean not null default false,
  primary key (quarantine, source, position, item)
);
create index unread_arrival_place on unread_arrival (source, position) where not is_reread;
create trigger unread_arrival_keeps_what_it_says before update of quarantine, source, position, item on unread_arrival
  for each row execute function refuse_change('a record stays where it came from');
create trigger unread_arrival_is_never_deleted before delete on unread_arrival
  for each row execute function refuse_change('a record stays where it came from');
create trigger unread_arrival_is_never_truncated before truncate on unread_arrival
  for each statement execute function refuse_change('a record stays where it came from');
alter table unread_arrival enable always trigger unread_arrival_keeps_what_it_says;
alter table unread_arrival enable always trigger unread_arrival_is_never_deleted;
alter table unread_arrival enable always trigger unread_arrival_is_never_truncated;

-- Of what is there already, one place is known, and all its arrivals are taken for arrivals there.
insert into unread_arrival (quarantine, source, position, item, arrivals, is_reread)
select no, regexp_replace(source, '#again-[1-9][0-9]*$', ''), position, item, arrivals, state = 'superseded'
from quarantine where cdr is null and source not like 'kafka:%';
