-- The records of one call, as evidence for one another (docs/decisions/0037-whole-calls.md).

-- A record of a call that may have several: kept for good, each once by its own id and evidence. Who adds one has
-- locked the bucket of its group in `leg_head`.
create table call_leg (
  bucket       smallint not null constraint call_leg_is_in_a_bucket check (bucket between 0 and 63),
  -- 64-bit hash of switch and group: where to look. The texts say which call it is.
  group_hash   bigint not null,
  -- How many legs of the group were known with the batch that brought this one.
  known        int not null constraint call_leg_is_known check (known > 0),
  family       text not null,
  switch       text not null,
  call_group   text not null,
  leg          text not null,
  evidence     text not null,
  -- When the record reached its source, where the source says so, and which starts are plausible for it.
  received_at  timestamptz,
  starts_from  timestamptz,
  starts_to    timestamptz
);
create index call_leg_by_group on call_leg (bucket, group_hash);
create trigger call_leg_is_append_only before update or delete on call_leg
  for each row execute function refuse_change();
create trigger call_leg_is_never_truncated before truncate on call_leg
  for each statement execute function refuse_change();
alter table call_leg enable always trigger call_leg_is_append_only;
alter table call_leg enable always trigger call_leg_is_never_truncated;

-- The lock of a bucket of legs, and how often legs were added to it.
create table leg_head (
  bucket   smallint primary key constraint leg_head_is_a_bucket check (bucket between 0 and 63),
  version  bigint not null default 0 constraint leg_head_counts check (version >= 0)
);
insert into leg_head (bucket) select bucket from generate_series(0, 63) as bucket;
