-- breaking
-- Two calls whose identities have one 64-bit hash are two calls: the text decides (docs/decisions/0021-calls-that-share-a-hash-have-numbers.md).

-- Calls that are not posted under the hash of their identity, since another call has it: each has a number of its own, which
-- stands in `entry.identity` in place of the hash. `call_key` is the SHA-256 of the call's switch, id and leg.
create table shared_hash (
  identity     bigint primary key,
  hash         bigint not null,
  call_key     bytea not null constraint shared_hash_call unique
);
create index shared_hash_hash on shared_hash (hash);
create trigger shared_hash_is_append_only before update or delete on shared_hash
  for each row execute function refuse_change();
create trigger shared_hash_is_never_truncated before truncate on shared_hash
  for each statement execute function refuse_change();

-- Hashes that no writer of the bucket may take for those of a new call, though no entry shows them: a correction says that
-- the call is none, or a call that shares the hash has a number of its own. Whoever adds one counts a change of facts in `head`.
create table watched_hash (
  bucket       smallint not null,
  hash         bigint not null,
  primary key (bucket, hash)
);

-- Of records that could be read: the SHA-256 of their call's switch, id and leg. Of all: the SHA-256 of what they say (in canonical
-- form; of records that could not be read, format and bytes), so that none is kept twice.
alter table quarantine add column call_key bytea;
alter table quarantine add column record_key bytea;
-- How often a record came that could not be read.
alter table quarantine add column arrivals bigint not null default 1;
update quarantine q set call_key = sha256(convert_to(
    octet_length(r.switch) || ':' || r.switch || octet_length(r.call) || ':' || r.call || octet_length(r.leg) || ':' || r.leg,
    'UTF8'))
  from (
    select no, j ->> 'switch' as switch, j ->> 'call' as call, coalesce(j ->> 'leg', '') as leg
    from (select no, convert_from(cdr, 'UTF8')::json as j from quarantine where cdr is not null) as c
  ) as r
  where r.no = q.no;
-- What could not be read and came several times waits once from now on: the first of them, which counts the others.
update quarantine q set record_key = r.record_key, arrivals = r.arrivals
  from (
    select min(no) as no, record_key, count(*) as arrivals
    from (select no, sha256(convert_to(format, 'UTF8') || '\x00'::bytea || record) as record_key
          from quarantine where cdr is null and state = 'waiting') as u
    group by record_key
  ) as r
  where r.no = q.no;
update quarantine set state = 'superseded' where cdr is null and state = 'waiting' and record_key is null;

-- Under which accounts calls were billed that have records in quarantine, too: whoever settles those again need not have the
-- accounts in memory, and no index finds a call without its account.
create table billed_call (
  call_key     bytea not null,
  account      int not null,
  bucket       smallint not null,
  primary key (call_key, account)
);
create trigger billed_call_is_append_only before update or delete on billed_call
  for each row execute function refuse_change();
create trigger billed_call_is_never_truncated before truncate on billed_call
  for each statement execute function refuse_change();
insert into billed_call (call_key, account, bucket)
  select distinct q.call_key, e.account, e.bucket from quarantine q join entry e on e.identity = q.identity
  where q.call_key is not null and q.state <> 'rated';

create index quarantine_call on quarantine (call_key) where call_key is not null;
-- The whole record decides, not a hash that somebody can aim at.
drop index quarantine_once;
create unique index quarantine_once on quarantine (record_key) where state <> 'rated';
-- `no-call`: a correction by which the switch says that there was no call. It is settled, and counts for as long as no higher
-- revision comes.
alter table quarantine drop constraint quarantine_state;
alter table quarantine add constraint quarantine_state check (state in ('waiting', 'rated', 'superseded', 'no-call'));
create index quarantine_no_call on quarantine (identity) where state = 'no-call';
