-- What analysts do to a case beside deciding; readers of the feed that say how far they are; who saw or did what.

-- A verdict may be taken back: the breach waits for a decision again.
alter table decision drop constraint decision_kind;
alter table decision add constraint decision_kind check (kind in ('confirm', 'dismiss', 'reinstate', 'reopen'));

-- Who has a case, until when nobody needs to look at it, and what was noted on it. The last row of a kind counts.
create table case_act (
  no             bigint generated always as identity primary key,
  bucket         smallint not null constraint case_act_is_in_a_bucket check (bucket between 0 and 63),
  line           int not null references line (no),
  period         int not null,
  kind           text not null constraint case_act_kind check (kind in ('assign', 'note', 'snooze')),
  -- Of `assign`; null: nobody has it any more.
  assignee       text,
  -- Of `snooze`; null: it is to be looked at again.
  snoozed_until  timestamptz,
  note           text not null default '',
  done_by        text not null,
  done_at        timestamptz not null default clock_timestamp(),
  constraint case_act_says_what check (
    (kind = 'assign' or assignee is null) and (kind = 'snooze' or snoozed_until is null)
    and (kind <> 'note' or note <> '')
  )
);
create index case_act_of_case on case_act (bucket, line, period, kind, no);
create index case_act_by_assignee on case_act (assignee) where kind = 'assign';
create trigger case_act_is_append_only before update or delete on case_act
  for each row execute function refuse_change();
create trigger case_act_is_never_truncated before truncate on case_act
  for each statement execute function refuse_change();
alter table case_act enable always trigger case_act_is_append_only;
alter table case_act enable always trigger case_act_is_never_truncated;

-- Programs that read the feed and say how far they are, so that somebody is told when one stops.
create table feed_consumer (
  name         text primary key,
  -- The cursor as it was given, and its positions by bucket, 0 to 63.
  cursor       text not null,
  life         uuid not null,
  positions    bigint[] not null constraint feed_consumer_has_all_buckets check (cardinality(positions) = 64),
  reported_by  text not null,
  reported_at  timestamptz not null default clock_timestamp()
);

-- Who read personal data, exported, decided or changed anything by the API. Each row has the hash of the one before it.
create table audit_record (
  no        bigint primary key constraint audit_record_counts check (no > 0),
  -- Whole ms. `actor` is the id of a key or a person; `name` is what people call it.
  at        timestamptz not null,
  actor     text not null,
  name      text not null,
  action    text not null constraint audit_record_action check (action in ('read', 'export', 'decide', 'change')),
  -- The method and the path of the route; which line, month, call, filter: JSON, as it was hashed.
  route     text not null,
  subject   text not null,
  previous  bytea not null constraint audit_record_follows check (length(previous) = 32),
  hash      bytea not null constraint audit_record_is_hashed check (length(hash) = 32)
);
create trigger audit_record_is_append_only before update or delete on audit_record
  for each row execute function refuse_change();
create trigger audit_record_is_never_truncated before truncate on audit_record
  for each statement execute function refuse_change();
alter table audit_record enable always trigger audit_record_is_append_only;
alter table audit_record enable always trigger audit_record_is_never_truncated;
