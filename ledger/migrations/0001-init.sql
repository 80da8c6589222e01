-- The usage ledger. Everything is keyed by bucket = murmur2(account) mod 64, so that it can be distributed by bucket.
-- Lock order for every writer: `source_position`, then the rows of `head` in ascending bucket.

-- What the engine rates with: documents as they were, each under the version that entries name.
create table numbering_plan (
  no          int generated always as identity primary key,
  version     text not null unique,
  added_at    timestamptz not null default now()
);
create table offer (
  no          int generated always as identity primary key,
  id          text not null,
  version     text not null unique,
  document    jsonb not null,
  added_at    timestamptz not null default now()
);
create table rate_deck (
  no             int generated always as identity primary key,
  name           text not null,
  version        text not null,
  currency       text not null,
  time_zone      text not null,
  document       text not null,
  added_at       timestamptz not null default now(),
  unique (name, version)
);
-- The ledger's own numbers: those of a numbering plan may change from one version to the next, names don't.
create table destination (
  no          int generated always as identity primary key,
  name        text not null unique
);

create table account (
  no          int generated always as identity primary key,
  bucket      smallint not null,
  id          text not null unique,
  name        text not null
);
-- A line's id and account are permanent; all else about it is a dated fact.
create table line (
  no          int generated always as identity primary key,
  account     int not null references account (no),
  bucket      smallint not null,
  id          text not null unique
);
create table line_fact (
  bucket       smallint not null,
  line         int not null references line (no),
  valid_from   timestamptz not null,
  valid_to     timestamptz,
  number       bigint,
  offer        text,
  usage_class  text not null,
  mobility     text not null,
  equipment    text not null,
  primary key (bucket, line, valid_from),
  constraint line_fact_ends_after_it_begins check (valid_to > valid_from),
  constraint line_fact_usage_class check (usage_class in ('residential', 'business', 'carrier', 'phone-shop',
    'telemarketing', 'phoning', 'call-centre', 'prepaid-cards', 'voice-services')),
  constraint line_fact_mobility check (mobility in ('off', 'used', 'unknown')),
  constraint line_fact_equipment check (equipment in ('managed', 'customer-pbx', 'customer-gateway', 'unknown'))
);
create table line_device (
  bucket       smallint not null,
  line         int not null references line (no),
  user_agent   text not null,
  valid_from   timestamptz not null,
  valid_to     timestamptz
);
create index line_device_line on line_device (bucket, line);
create table line_network (
  bucket       smallint not null,
  line         int not null references line (no),
  cidr         text not null,
  valid_from   timestamptz not null,
  valid_to     timestamptz
);
create index line_network_line on line_network (bucket, line);

-- One row a bucket: the lock of its writers, the version of what they cache, and the source of feed positions.
create table head (
  bucket       smallint primary key,
  position     bigint not null default 0,
  -- Counts every change that is no entry (facts, decisions), so that a cached month knows that it is stale.
  facts        bigint not null default 0
);
insert into head (bucket) select generate_series(0, 63);

-- Lines whose facts or decisions changed since their calls were last judged: the next writer judges them again.
create table stale_line (
  bucket       smallint not null,
  line         int not null references line (no),
  primary key (bucket, line)
);

-- How far each source has been taken in: compared and swapped by every batch, in its transaction.
create table source_position (
  source       text not null,
  partition    int not null default 0,
  position     bigint not null,
  -- SHA-256 of the first `position` bytes, for sources that are files.
  prefix_hash  text,
  primary key (source, partition)
);
create table source_count (
  source       text not null,
  -- received, rated, duplicate, superseded…, or the reason for which a record is no call.
  outcome      text not null,
  reason       text not null,
  records      bigint not null,
  primary key (source, outcome, reason)
);

-- The ledger itself. A call's charge is the sum of its entries; its coverage is that of its highest revision.
-- Columns are in the order of their width, so that no row has gaps for alignment.
create table entry (
  -- Feed position: gapless in the bucket, in commit order.
  position         bigint not null,
  -- 64-bit hash of (switch, call, leg).
  identity         bigint not null,
  started_at       timestamptz not null,
  -- E.164 digits, or a short code (always below 1,000,000).
  called           bigint not null,
  -- Micros of the deck's currency. `charge` adds up; `metered_price` is what the call costs by the minute.
  charge           bigint not null,
  metered_price    bigint not null,
  -- The period (yyyymm) that the call belongs to, and the one that the entry is billed in.
  period           int not null,
  billed_period    int not null,
  account          int not null,
  line             int not null,
  duration_ms      int not null,
  billed_seconds   int not null,
  destination      int not null,
  rate_deck        int not null,
  offer            int,
  bucket           smallint not null,
  -- 0 for the first entry of a call, then 1, 2, … : correction n corrects revision n - 1.
  revision         smallint not null,
  -- Facts of the call that conditions ask for, as bits (rater/call-flags.ts).
  flags            smallint not null,
  -- u usage, r rerate, v reversal, p reprice.
  kind             "char" not null,
  -- i included, m metered, f free; null on a reversal. `_before`: what the corrected revision said; null on a usage.
  coverage         "char",
  coverage_before  "char",
  reason           text not null,
  -- The whole record in canonical form, on usage entries; null on corrections.
  cdr              text,
  constraint entry_kind check (kind in ('u', 'r', 'v', 'p')),
  constraint entry_usage_holds_the_call check ((kind = 'u') = (cdr is not null)),
  constraint entry_usage_corrects_nothing check ((kind = 'u') = (coverage_before is null)),
  constraint entry_reversal_has_no_coverage check ((kind = 'v') = (coverage is null)),
  constraint entry_correction_has_a_number check (revision > 0 or kind = 'u'),
  constraint entry_coverage check (coverage in ('i', 'm', 'f')),
  constraint entry_only_metered_is_charged check (kind <> 'u' or coverage = 'm' or charge = 0)
) partition by list (period);
-- Each partition has two unique indexes of its own (ledger/partitions.ts): on the calls' revisions, (bucket, account,
-- identity, revision), and on the feed, (bucket, position). On the table itself they would have to hold the period too.

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'Cannot % rows of %: it is append-only', lower(tg_op), tg_table_name using errcode = 'restrict_violation';
end $$;
create trigger entry_is_append_only before update or delete on entry
  for each row execute function refuse_change();
-- Not inherited by partitions: each gets its own (ledger/partitions.ts).
create trigger entry_is_never_truncated before truncate on entry
  for each statement execute function refuse_change();

-- Records that were not rated, with their bytes. Never deleted: settled once rated, superseded or given up.
create table quarantine (
  no             bigint generated always as identity primary key,
  source         text not null,
  partition      int not null,
  position       bigint not null,
  format         text not null,
  reason         text not null,
  detail         text not null,
  record         bytea not null,
  -- Of records that could be read: their canonical form, who they are and of which content.
  cdr            bytea,
  identity       bigint,
  content        text,
  -- waiting, rated, superseded.
  state          text not null default 'waiting',
  constraint quarantine_state check (state in ('waiting', 'rated', 'superseded'))
);
create index quarantine_waiting on quarantine (reason) where state = 'waiting';
create index quarantine_identity on quarantine (identity) where identity is not null;

-- Verdicts: one row a line, period and condition, as the facts known so far have it.
create table breach (
  bucket       smallint not null,
  line         int not null,
  period       int not null,
  condition    text not null,
  -- standing, withdrawn.
  state        text not null,
  breach_from  timestamptz not null,
  -- json, not jsonb: read back as it was written, to the order of keys.
  evidence     json not null,
  primary key (bucket, line, period, condition),
  constraint breach_state check (state in ('standing', 'withdrawn'))
);
-- A line's case in a period. It is open while a breach that opens a case stands undecided.
create table case_file (
  bucket       smallint not null,
  line         int not null,
  period       int not null,
  -- open, decided, withdrawn.
  state        text not null,
  primary key (bucket, line, period),
  constraint case_state check (state in ('open', 'decided', 'withdrawn'))
);
create table decision (
  bucket        smallint not null,
  sequence      bigint not null,
  line          int not null,
  period        int not null,
  condition     text not null,
  kind          text not null,
  effective_at  timestamptz not null,
  breach_from   timestamptz,
  decided_by    text not null,
  note          text not null,
  primary key (bucket, sequence),
  constraint decision_kind check (kind in ('confirm', 'dismiss', 'reinstate'))
);
create trigger decision_is_append_only before update or delete on decision
  for each row execute function refuse_change();
create trigger decision_is_never_truncated before truncate on decision
  for each statement execute function refuse_change();

-- What happened to cases and breaches, in order, for the analyst and for the outbox.
create table case_event (
  bucket       smallint not null,
  no           bigint generated always as identity,
  line         int not null,
  period       int not null,
  condition    text not null,
  -- breach-found, evidence-changed, breach-withdrawn, decided.
  event        text not null,
  evidence     json,
  primary key (bucket, no)
);

-- People's view of the ledger: names for numbers, money as decimals.
create view ledger_entry as
select e.bucket, e.position, e.period, e.billed_period, a.id as account, l.id as line, e.identity, e.revision,
       case e.kind when 'u' then 'usage' when 'r' then 'rerate' when 'v' then 'reversal' else 'reprice' end as kind,
       e.started_at, e.duration_ms,
       case when e.called < 1000000 then e.called::text else '+' || e.called end as called,
       d.name as destination,
       case e.coverage when 'i' then 'included' when 'm' then 'metered' when 'f' then 'free' end as coverage,
       case e.coverage_before when 'i' then 'included' when 'm' then 'metered' when 'f' then 'free' end as coverage_before,
       e.reason, e.billed_seconds,
       round(e.charge / 1000000.0, 6) as charge,
       round(e.metered_price / 1000000.0, 6) as metered_price,
       k.currency, k.name || '@' || k.version as rate_deck, o.version as offer, e.flags, e.cdr
from entry e
join account a on a.no = e.account
join line l on l.no = e.line
join rate_deck k on k.no = e.rate_deck
left join offer o on o.no = e.offer
left join destination d on d.no = e.destination;
