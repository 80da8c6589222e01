-- Who is told of events by HTTP (docs/decisions/0041-who-may-and-who-is-told.md). No secret is kept: what deliveries
-- are signed with follows from a key outside the ledger, the endpoint's id and its generation.
create table webhook_endpoint (
  id          text primary key check (id ~ '^[0-9A-Za-z]{12}$'),
  url         text not null,
  -- Types of events, as the outbox has them.
  events      text[] not null check (cardinality(events) > 0),
  -- Where given, events of this account only.
  account     int references account (no),
  scheme      text not null check (scheme in ('hmac', 'ed25519')),
  -- Counts the secrets that there were; for a day the one before signs too.
  generation  int not null default 1 check (generation > 0),
  rotated_at  timestamptz,
  created_by  text not null,
  created_at  timestamptz not null default clock_timestamp(),
  disabled_at timestamptz,
  disabled_why text,
  -- By bucket, from 0: the last event of the outbox that there is a delivery of, where it is to be told.
  positions   bigint[] not null check (cardinality(positions) = 64 and 0 <= all (positions)),
  -- Until when one process alone works on it.
  held_until  timestamptz not null default '-infinity',
  check ((disabled_at is null) = (disabled_why is null))
);
create trigger webhook_endpoint_is_never_deleted before delete on webhook_endpoint
  for each row execute function refuse_change();
create trigger webhook_endpoint_is_never_truncated before truncate on webhook_endpoint
  for each statement execute function refuse_change();
alter table webhook_endpoint enable always trigger webhook_endpoint_is_never_deleted;
alter table webhook_endpoint enable always trigger webhook_endpoint_is_never_truncated;

-- An event for an endpoint, and what became of it last.
create table webhook_delivery (
  endpoint   text not null references webhook_endpoint,
  bucket     smallint not null constraint webhook_delivery_is_in_a_bucket check (bucket between 0 and 63),
  event      bigint not null constraint webhook_delivery_is_in_the_feed check (event > 0),
  state      text not null default 'waiting' check (state in ('waiting', 'delivered', 'failed', 'given-up')),
  attempts   int not null default 0 check (attempts >= 0),
  -- The HTTP status of the last answer, or a code for why there was none.
  status     int,
  fault      text,
  tried_at   timestamptz,
  -- When it is tried next.
  next_at    timestamptz default clock_timestamp(),
  primary key (endpoint, bucket, event),
  check ((next_at is null) = (state in ('delivered', 'given-up')))
);
create index webhook_delivery_is_due on webhook_delivery (endpoint, next_at) where next_at is not null;
create trigger webhook_delivery_is_never_deleted before delete on webhook_delivery
  for each row execute function refuse_change();
create trigger webhook_delivery_is_never_truncated before truncate on webhook_delivery
  for each statement execute function refuse_change();
alter table webhook_delivery enable always trigger webhook_delivery_is_never_deleted;
alter table webhook_delivery enable always trigger webhook_delivery_is_never_truncated;
