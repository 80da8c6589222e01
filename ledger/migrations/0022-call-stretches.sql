-- Compact copies of stretches of the feed (docs/decisions/0044-compact-copies-of-the-feed.md): what a process that
-- starts needs of each call, at a tenth of what its entry takes, and by which hash of its id an entry is found.
--
-- A cache: all of it follows from `entry`, whose rows never change. Any row may be deleted at any time; what none
-- covers is read from `entry`, and packed again later.
create table call_stretch (
  bucket       smallint not null constraint call_stretch_is_in_a_bucket check (bucket between 0 and 63),
  -- Entries with the feed positions after `after`, up to `up_to`.
  after        bigint not null,
  up_to        bigint not null,
  -- The earliest and the latest month (yyyymm) of its calls. Fewer than 16 months: calls tell theirs by four bits.
  first_period int not null,
  last_period  int not null,
  -- 36 bytes an entry, in order of position (ledger/packed-call.ts).
  calls        bytea not null,
  -- The same of those that correct others, once more: they are read first. Null: none does.
  corrections  bytea,
  -- Four bytes an entry, in the same order: a hash of the switch's id of the call; 0 where the entry has no record.
  call_hashes  bytea not null,
  primary key (bucket, up_to),
  constraint call_stretch_is_of_positions check (after >= 0 and up_to > after),
  constraint call_stretch_is_whole
    check (length(calls) = 36 * (up_to - after) and length(call_hashes) = 4 * (up_to - after)),
  constraint call_stretch_has_corrections check (length(corrections) > 0 and length(corrections) % 36 = 0),
  constraint call_stretch_is_of_few_months check (last_period >= first_period
    and (last_period / 100 * 12 + last_period % 100) - (first_period / 100 * 12 + first_period % 100) < 16)
);
-- Packed already: to compress it would cost more than to write it.
alter table call_stretch alter calls set storage external;
alter table call_stretch alter corrections set storage external;
alter table call_stretch alter call_hashes set storage external;

-- What a stretch says is what its entries say, for ever.
create trigger call_stretch_is_never_changed before update on call_stretch
  for each row execute function refuse_change();
alter table call_stretch enable always trigger call_stretch_is_never_changed;
