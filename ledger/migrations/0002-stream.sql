-- The stream: what quarantined records wait for, the outbox of events, and how far relays have told.

-- A message holds one record or many, and may have come by way of the re-keying topic: which of its records, from 0.
alter table quarantine add column item int not null default 0;
-- Which facts could change what becomes of the record: `line:…` for each party that it names, as it is written and, where
-- that is a number, as `line:+…`.
alter table quarantine add column waits_for text[] not null default '{}';
create index quarantine_waits_for on quarantine using gin (waits_for) where state <> 'rated';
-- Those facts have changed: the next writer settles it again.
alter table quarantine add column is_stale boolean not null default false;
create index quarantine_stale on quarantine (no) where is_stale;
-- A record is set aside once, whichever workers meet it: one knows what the others set aside only when it asks.
create unique index quarantine_once on quarantine (identity, content) where state <> 'rated';

-- Lines with calls that name a party (as in `waits_for`) which is none of ours: once it is, they are judged again.
create table unresolved_party (
  party        text not null,
  bucket       smallint not null,
  line         int not null references line (no),
  primary key (party, bucket, line)
);

-- Events for other systems, written by the transaction that makes them true. The writer holds the bucket's head, so
-- within a bucket `no` rises in commit order and a reader's cursor never skips one.
create table outbox (
  bucket       smallint not null,
  no           bigint generated always as identity,
  -- case.opened, case.decided, case.withdrawn, line.unlimited-suspended, line.unlimited-reinstated.
  type         text not null,
  line         int not null,
  -- Of cases; a line is suspended over periods.
  period       int,
  happened_at  timestamptz not null default now(),
  data         json not null,
  primary key (bucket, no),
  constraint outbox_type check (type in ('case.opened', 'case.decided', 'case.withdrawn', 'line.unlimited-suspended',
    'line.unlimited-reinstated')),
  constraint outbox_cases_have_a_period check ((type like 'case.%') = (period is not null))
);
create trigger outbox_is_append_only before update or delete on outbox
  for each row execute function refuse_change();

-- The last stretch in which a line's unlimited is off, as was last told; `infinity`: until reinstated. `holds`: what
-- holds it, as json so that it is read back as it was written.
create table line_suspension (
  bucket          smallint not null,
  line            int not null,
  suspended_from  timestamptz not null,
  suspended_to    timestamptz not null,
  holds           json not null,
  primary key (bucket, line),
  constraint line_suspension_ends_after_it_begins check (suspended_to > suspended_from)
);
-- The last confirm or dismiss that the state counts, so that a case that is decided anew is told anew.
alter table case_file add column last_verdict bigint;

-- How far each bucket's feed was told to Kafka: `usage` (feed positions) and `event` (numbers of the outbox).
create table relay_cursor (
  feed         text not null,
  bucket       smallint not null,
  position     bigint not null default 0,
  primary key (feed, bucket)
);

-- Positions that a person set, with who, why, and from where: what was never read, or is read once more.
create table source_move (
  no           bigint generated always as identity primary key,
  source       text not null,
  partition    int not null,
  -- Null where nothing had been taken in.
  moved_from   bigint,
  moved_to     bigint not null,
  moved_by     text not null,
  note         text not null,
  moved_at     timestamptz not null default now()
);
create trigger source_move_is_append_only before update or delete on source_move
  for each row execute function refuse_change();
