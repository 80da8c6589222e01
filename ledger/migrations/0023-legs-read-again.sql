-- Which bytes a leg was read from: the same record read with other settings is known by them
-- (docs/decisions/0037-whole-calls.md). Legs of before have none.
alter table call_leg add column record_hash bigint;
