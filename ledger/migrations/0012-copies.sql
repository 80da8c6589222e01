-- Where a copy of the ledger stood when it was first written to: what is posted after it is of the copy's own life, and not
-- what readers outside were told under the same numbers. A row for each bucket, before anything is posted to any.
create table copy_start (
  cluster     text not null,
  timeline    int not null,
  database    bigint not null,
  bucket      smallint not null constraint copy_start_is_in_a_bucket check (bucket between 0 and 63),
  -- The last feed position, and the last event of the outbox, that the copy was made with.
  position    bigint not null check (position >= 0),
  event       bigint not null check (event >= 0),
  -- How often a home of the ledger had been settled when the copy began: which copies are of its life since then.
  settlements int not null,
  begun_at    timestamptz not null default clock_timestamp(),
  primary key (cluster, timeline, database, bucket)
);
alter table ledger_home add column settlements int not null default 1;
create trigger copy_start_is_append_only before update or delete on copy_start
  for each row execute function refuse_change();
create trigger copy_start_is_never_truncated before truncate on copy_start
  for each statement execute function refuse_change();
alter table copy_start enable always trigger copy_start_is_append_only;
alter table copy_start enable always trigger copy_start_is_never_truncated;
