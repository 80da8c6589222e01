-- Views of the queue that analysts keep: a filter with a name, for its owner alone or for the whole team.

-- The last row of an owner's name counts; one without a filter forgets the view.
create table saved_view (
  no         bigint generated always as identity primary key,
  owner      text not null constraint saved_view_has_an_owner check (owner <> ''),
  name       text not null constraint saved_view_name check (length(name) between 1 and 60),
  filter     text constraint saved_view_filter check (length(filter) between 1 and 2000),
  is_shared  boolean not null,
  -- Who kept or forgot it: somebody else may forget a view that is shared.
  kept_by    text not null,
  kept_at    timestamptz not null default clock_timestamp()
);
create index saved_view_by_owner on saved_view (owner, name, no desc);
create trigger saved_view_is_append_only before update or delete on saved_view
  for each row execute function refuse_change();
create trigger saved_view_is_never_truncated before truncate on saved_view
  for each statement execute function refuse_change();
alter table saved_view enable always trigger saved_view_is_append_only;
alter table saved_view enable always trigger saved_view_is_never_truncated;
