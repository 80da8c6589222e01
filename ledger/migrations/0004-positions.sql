-- breaking
-- Where sources begin and stand, and what was counted of them. Older code lets the first batch of a source begin anywhere.

-- Where counting begins: the log's or the file's start when the source was first seen, or where a person had it begin.
alter table source_position add column begins_at bigint;
-- Of sources that were known before anything was counted, it begins where they stand now.
update source_position set begins_at = position;
alter table source_position alter column begins_at set not null;
-- When that was put on record; null of those that were known before.
alter table source_position add column begun_at timestamptz;
alter table source_position alter column begun_at set default now();
-- Kafka's id of the topic that the position is of: a topic that is made anew has another one. Null: not known.
alter table source_position add column topic_id text;
-- Of the positions passed since: those of what was taken in (messages; in files, bytes of records) and those known to hold
-- nothing for us (control records, aborted and compacted messages; in files, line ends and headers).
alter table source_position add column taken bigint not null default 0;
alter table source_position add column empty bigint not null default 0;
-- By how much people have moved the position, forwards less backwards, and how often: who reads on must know of each move.
alter table source_position add column moved_by bigint not null default 0;
alter table source_position add column moves int not null default 0;
-- Positions passed that nothing explains: 0, or something was lost (above 0) or counted twice (below).
alter table source_position add column hole bigint not null
  generated always as (position - begins_at - moved_by - taken - empty) stored;
-- The topic that a person moved the position in.
alter table source_move add column topic_id text;
