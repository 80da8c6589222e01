-- Keys by which programs and people use the API. Of the secret only its SHA-256 is kept.
create table api_key (
  -- What stands before the secret in the key, and names it in logs and lists.
  id          text primary key check (id ~ '^[0-9A-Za-z]{12}$'),
  secret_hash bytea not null check (length(secret_hash) = 32),
  name        text not null,
  scopes      text[] not null,
  -- Where given, the key sees this account only.
  account     int references account (no),
  created_by  text not null,
  created_at  timestamptz not null default clock_timestamp(),
  expires_at  timestamptz,
  -- To the minute: it is written at most once a minute.
  used_at     timestamptz,
  revoked_by  text,
  revoked_at  timestamptz,
  check ((revoked_by is null) = (revoked_at is null))
);
create trigger api_key_is_never_truncated before truncate on api_key
  for each statement execute function refuse_change();
create trigger api_key_is_never_deleted before delete on api_key
  for each row execute function refuse_change();
alter table api_key enable always trigger api_key_is_never_truncated;
alter table api_key enable always trigger api_key_is_never_deleted;
