-- What was entered of accounts: each time one came or got another name, by whom, and what it was and is called.
create table account_change (
  no         bigint generated always as identity primary key,
  account    text not null,
  changed_at timestamptz not null default clock_timestamp(),
  changed_by text not null,
  note       text not null,
  -- null: the account is new.
  before     text,
  after      text not null
);
create index account_change_by_account on account_change (account, no);
create trigger account_change_is_append_only before update or delete on account_change
  for each row execute function refuse_change();
create trigger account_change_is_never_truncated before truncate on account_change
  for each statement execute function refuse_change();
alter table account_change enable always trigger account_change_is_append_only;
alter table account_change enable always trigger account_change_is_never_truncated;
