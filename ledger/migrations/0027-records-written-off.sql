-- Records of quarantine that people write off: they wait no longer, though nothing became of them.

alter table quarantine drop constraint quarantine_state;
alter table quarantine add constraint quarantine_state
  check (state in ('waiting', 'rated', 'superseded', 'no-call', 'written-off'));
-- What is written off is listed page by page.
create index quarantine_written_off on quarantine (no) where state = 'written-off';

-- Who wrote records off or opened them again, and why, for good. A record that came again was opened by nobody: it
-- waits, though the last row says that it was written off.
create table quarantine_write_off (
  no          bigint generated always as identity primary key,
  quarantine  bigint not null references quarantine (no),
  -- written-off, reopened.
  act         text not null constraint quarantine_write_off_act check (act in ('written-off', 'reopened')),
  taken_by    text not null,
  note        text not null,
  taken_at    timestamptz not null default clock_timestamp()
);
create index quarantine_write_off_record on quarantine_write_off (quarantine, no);
create trigger quarantine_write_off_is_append_only before update or delete on quarantine_write_off
  for each row execute function refuse_change();
create trigger quarantine_write_off_is_never_truncated before truncate on quarantine_write_off
  for each statement execute function refuse_change();
alter table quarantine_write_off enable always trigger quarantine_write_off_is_append_only;
alter table quarantine_write_off enable always trigger quarantine_write_off_is_never_truncated;
