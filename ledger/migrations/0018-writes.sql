-- What was asked for under an `Idempotency-Key`, and what it was answered. A key holds for good: asked again with it,
-- the same request is given the same answer, and another request is refused.
create table idempotency_key (
  -- Who asked: the id of an API key, or of a person.
  holder      text not null check (holder <> ''),
  key         text not null check (length(key) between 1 and 255),
  -- SHA-256 of method, path and body; null while a body is still on its way.
  request     bytea check (length(request) = 32),
  begun_at    timestamptz not null default clock_timestamp(),
  -- All that follows is null until the write is done: begun and never answered, it is done anew.
  status      smallint check (status between 200 and 299),
  -- Headers of the answer, as JSON: name to value.
  headers     text,
  -- The body of the answer, compressed by gzip.
  answer      bytea,
  answered_at timestamptz,
  primary key (holder, key),
  constraint idempotency_key_is_answered_whole check (
    (status is null) = (answer is null) and (status is null) = (headers is null)
    and (status is null) = (answered_at is null) and (status is null or request is not null))
);
create trigger idempotency_key_keeps_its_answer before update or delete on idempotency_key
  for each row when (old.status is not null) execute function refuse_change('what was answered stays');
create trigger idempotency_key_is_never_truncated before truncate on idempotency_key
  for each statement execute function refuse_change('what was answered stays');
alter table idempotency_key enable always trigger idempotency_key_keeps_its_answer;
alter table idempotency_key enable always trigger idempotency_key_is_never_truncated;

-- What was entered of lines: each time the facts of a line became others, by whom, and what they were and are, as JSON.
create table line_change (
  no         bigint generated always as identity primary key,
  line       text not null,
  changed_at timestamptz not null default clock_timestamp(),
  changed_by text not null,
  note       text not null,
  -- null: the line is new.
  before     text,
  after      text not null
);
create index line_change_by_line on line_change (line, no);
create trigger line_change_is_append_only before update or delete on line_change
  for each row execute function refuse_change();
create trigger line_change_is_never_truncated before truncate on line_change
  for each statement execute function refuse_change();
alter table line_change enable always trigger line_change_is_append_only;
alter table line_change enable always trigger line_change_is_never_truncated;
