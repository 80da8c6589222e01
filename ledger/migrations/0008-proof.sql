-- The id of a ledger, and the digests that prove its entries.

-- What one transaction posted to one bucket: when, what for, and a digest of its entries. `fairtally verify` computes the
-- digests again. Each is chained to the one before it in the bucket, so that none can be changed alone.
create table posting (
  bucket      smallint not null,
  -- Its entries are those with a feed position after `after` and up to `up_to`.
  after       bigint not null,
  up_to       bigint not null,
  posted_at   timestamptz not null,
  -- What the transaction was for: a delivery with its source and stretch, or another task (ingest/work.ts).
  cause       text not null,
  -- Which columns of an entry the digest covers, in which form (ledger/entry-copy.ts).
  form        smallint not null,
  -- SHA-256 of the entries' rows, as binary COPY has them, in order of position.
  digest      bytea not null,
  -- SHA-256 of the chain before it and of all columns above (ledger/posting-store.ts).
  chain       bytea not null,
  primary key (bucket, up_to),
  constraint posting_has_entries check (up_to > after),
  constraint posting_digests_are_sha256 check (length(digest) = 32 and length(chain) = 32)
);
create trigger posting_is_append_only before update or delete on posting
  for each row execute function refuse_change();
create trigger posting_is_never_truncated before truncate on posting
  for each statement execute function refuse_change();
-- The chain of the bucket's last posting; empty where entries were posted before there were digests, or none at all.
alter table head add column chain bytea not null default '';

-- The lives of the ledger. It is given an id at its beginning, and another each time that a copy of it is restored: what
-- was told outside after the copy was made is no longer so, and positions after it are given once more.
create table ledger_life (
  no          int primary key,
  id          uuid not null unique,
  begun_at    timestamptz not null default now(),
  begun_by    text not null,
  note        text not null
);
-- Where a life begins in each bucket: later entries and events are of that life, or of one that began after it.
create table ledger_life_start (
  life        int not null references ledger_life (no),
  bucket      smallint not null,
  -- The last feed position, and the last event of the outbox, that are of the life before.
  position    bigint not null,
  event       bigint not null,
  primary key (life, bucket)
);
create trigger ledger_life_is_append_only before update or delete on ledger_life
  for each row execute function refuse_change();
create trigger ledger_life_is_never_truncated before truncate on ledger_life
  for each statement execute function refuse_change();
create trigger ledger_life_start_is_append_only before update or delete on ledger_life_start
  for each row execute function refuse_change();
create trigger ledger_life_start_is_never_truncated before truncate on ledger_life_start
  for each statement execute function refuse_change();
insert into ledger_life (no, id, begun_by, note) values (1, gen_random_uuid(), 'fairtally setup', 'the ledger was made');
insert into ledger_life_start (life, bucket, position, event) select 1, bucket, 0, 0 from head;

-- In which database the ledger is known to be, of which cluster, on which of its timelines: elsewhere it is a copy.
create table ledger_home (
  only_row    boolean primary key default true check (only_row),
  cluster     text not null,
  timeline    int not null,
  database    bigint not null,
  settled_at  timestamptz not null default now(),
  settled_by  text not null,
  note        text not null
);
-- The lives whose beginning relays have told.
create table relayed_life (
  life        int primary key references ledger_life (no)
);
insert into relayed_life (life) values (1);

-- Also in a session whose `session_replication_role` is replica, as 0005 has it of the others.
alter table posting enable always trigger posting_is_append_only;
alter table posting enable always trigger posting_is_never_truncated;
alter table ledger_life enable always trigger ledger_life_is_append_only;
alter table ledger_life enable always trigger ledger_life_is_never_truncated;
alter table ledger_life_start enable always trigger ledger_life_start_is_append_only;
alter table ledger_life_start enable always trigger ledger_life_start_is_never_truncated;
