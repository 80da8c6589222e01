-- The schema after all migrations, for reviewers. Written by
-- UPDATE_SCHEMA=1 npx vitest run test/ledger/schema-dump.test.ts

table account (
  no integer not null generated always as identity,
  bucket smallint not null,
  id text not null,
  name text not null,
  constraint account_id_key UNIQUE (id),
  constraint account_is_in_a_bucket CHECK (bucket >= 0 AND bucket <= 63) NOT VALID,
  constraint account_pkey PRIMARY KEY (no)
);
CREATE TRIGGER account_is_never_deleted BEFORE DELETE ON public.account FOR EACH ROW EXECUTE FUNCTION refuse_change('its id is permanent') (enabled always);
CREATE TRIGGER account_is_never_truncated BEFORE TRUNCATE ON public.account FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('its id is permanent') (enabled always);
CREATE TRIGGER account_keeps_what_it_says BEFORE UPDATE OF no, bucket, id ON public.account FOR EACH ROW EXECUTE FUNCTION refuse_change('its id is permanent') (enabled always);

table account_change (
  no bigint not null generated always as identity,
  account text not null,
  changed_at timestamp with time zone not null default clock_timestamp(),
  changed_by text not null,
  note text not null,
  before text,
  after text not null,
  constraint account_change_pkey PRIMARY KEY (no)
);
CREATE INDEX account_change_by_account ON public.account_change USING btree (account, no);
CREATE TRIGGER account_change_is_append_only BEFORE DELETE OR UPDATE ON public.account_change FOR EACH ROW EXECUTE FUNCTION refuse_change() (enabled always);
CREATE TRIGGER account_change_is_never_truncated BEFORE TRUNCATE ON public.account_change FOR EACH STATEMENT EXECUTE FUNCTION refuse_change() (enabled always);

table api_key (
  id text not null,
  secret_hash bytea not null,
  name text not null,
  scopes text[] not null,
  account integer,
  created_by text not null,
  created_at timestamp with time zone not null default clock_timestamp(),
  expires_at timestamp with time zone,
  used_at timestamp with time zone,
  revoked_by text,
  revoked_at timestamp with time zone,
  switch text,
  constraint api_key_account_fkey FOREIGN KEY (account) REFERENCES account(no),
  constraint api_key_check CHECK ((revoked_by IS NULL) = (revoked_at IS NULL)),
  constraint api_key_id_check CHECK (id ~ '^[0-9A-Za-z]{12}$'::text),
  constraint api_key_of_a_switch_does_what_a_switch_does CHECK (switch IS NULL OR account IS NULL AND scopes <@ ARRAY['cdrs:write'::text, 'quotes:read'::text]),
  constraint api_key_pkey PRIMARY KEY (id),
  constraint api_key_secret_hash_check CHECK (length(secret_hash) = 32),
  constraint api_key_switch_check CHECK (switch <> ''::text)
);
CREATE TRIGGER api_key_is_never_deleted BEFORE DELETE ON public.api_key FOR EACH ROW EXECUTE FUNCTION refuse_change() (enabled always);
CREATE TRIGGER api_key_is_never_truncated BEFORE TRUNCATE ON public.api_key FOR EACH STATEMENT EXECUTE FUNCTION refuse_change() (enabled always);

table audit_record (
  no bigint not null,
  at timestamp with time zone not null,
  actor text not null,
  name text not null,
  action text not null,
  route text not null,
  subject text not null,
  previous bytea not null,
  hash bytea not null,
  constraint audit_record_action CHECK (action = ANY (ARRAY['read'::text, 'export'::text, 'decide'::text, 'change'::text])),
  constraint audit_record_counts CHECK (no > 0),
  constraint audit_record_follows CHECK (length(previous) = 32),
  constraint audit_record_is_hashed CHECK (length(hash) = 32),
  constraint audit_record_pkey PRIMARY KEY (no)
);
CREATE TRIGGER audit_record_is_append_only BEFORE DELETE OR UPDATE ON public.audit_record FOR EACH ROW EXECUTE FUNCTION refuse_change() (enabled always);
CREATE TRIGGER audit_record_is_never_truncated BEFORE TRUNCATE ON public.audit_record FOR EACH STATEMENT EXECUTE FUNCTION refuse_change() (enabled always);

table billed_call (
  call_key bytea not null,
  account integer not null,
  bucket smallint not null,
  constraint billed_call_is_in_a_bucket CHECK (bucket >= 0 AND bucket <= 63) NOT VALID,
  constraint billed_call_pkey PRIMARY KEY (call_key, account)
);
CREATE TRIGGER billed_call_is_append_only BEFORE DELETE OR UPDATE ON public.billed_call FOR EACH ROW EXECUTE FUNCTION refuse_change() (enabled always);
CREATE TRIGGER billed_call_is_never_truncated BEFORE TRUNCATE ON public.billed_call FOR EACH STATEMENT EXECUTE FUNCTION refuse_change() (enabled always);

table breach (
  bucket smallint not null,
  line integer not null,
  period integer not null,
  condition text not null,
  state text not null,
  breach_from timestamp with time zone not null,
  evidence json not null,
  constraint breach_is_in_a_bucket CHECK (bucket >= 0 AND bucket <= 63) NOT VALID,
  constraint breach_pkey PRIMARY KEY (bucket, line, period, condition),
  constraint breach_state CHECK (state = ANY (ARRAY['standing'::text, 'withdrawn'::text]))
);
CREATE TRIGGER breach_is_never_deleted BEFORE DELETE ON public.breach FOR EACH ROW EXECUTE FUNCTION refuse_change('a verdict is withdrawn, never removed') (enabled always);
CREATE TRIGGER breach_is_never_truncated BEFORE TRUNCATE ON public.breach FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('a verdict is withdrawn, never removed') (enabled always);

table call_leg (
  bucket smallint not null,
  group_hash bigint not null,
  known integer not null,
  family text not null,
  switch text not null,
  call_group text not null,
  leg text not null,
  evidence text not null,
  received_at timestamp with time zone,
  starts_from timestamp with time zone,
  starts_to timestamp with time zone,
  record_hash bigint,
  constraint call_leg_is_in_a_bucket CHECK (bucket >= 0 AND bucket <= 63),
  constraint call_leg_is_known CHECK (known > 0)
);
CREATE INDEX call_leg_by_group ON public.call_leg USING btree (bucket, group_hash);
CREATE TRIGGER call_leg_is_append_only BEFORE DELETE OR UPDATE ON public.call_leg FOR EACH ROW EXECUTE FUNCTION refuse_change() (enabled always);
CREATE TRIGGER call_leg_is_never_truncated BEFORE TRUNCATE ON public.call_leg FOR EACH STATEMENT EXECUTE FUNCTION refuse_change() (enabled always);

table call_stretch (
  bucket smallint not null,
  after bigint not null,
  up_to bigint not null,
  first_period integer not null,
  last_period integer not null,
  calls bytea not null,
  corrections bytea,
  call_hashes bytea not null,
  constraint call_stretch_has_corrections CHECK (length(corrections) > 0 AND (length(corrections) % 36) = 0),
  constraint call_stretch_is_in_a_bucket CHECK (bucket >= 0 AND bucket <= 63),
  constraint call_stretch_is_of_few_months CHECK (last_period >= first_period AND (last_period / 100 * 12 + last_period % 100 - (first_period / 100 * 12 + first_period % 100)) < 16),
  constraint call_stretch_is_of_positions CHECK (after >= 0 AND up_to > after),
  constraint call_stretch_is_whole CHECK (length(calls) = (36 * (up_to - after)) AND length(call_hashes) = (4 * (up_to - after))),
  constraint call_stretch_pkey PRIMARY KEY (bucket, up_to)
);
CREATE TRIGGER call_stretch_is_never_changed BEFORE UPDATE ON public.call_stretch FOR EACH ROW EXECUTE FUNCTION refuse_change() (enabled always);

table case_act (
  no bigint not null generated always as identity,
  bucket smallint not null,
  line integer not null,
  period integer not null,
  kind text not null,
  assignee text,
  snoozed_until timestamp with time zone,
  note text not null default ''::text,
  done_by text not null,
  done_at timestamp with time zone not null default clock_timestamp(),
  constraint case_act_is_in_a_bucket CHECK (bucket >= 0 AND bucket <= 63),
  constraint case_act_kind CHECK (kind = ANY (ARRAY['assign'::text, 'note'::text, 'snooze'::text])),
  constraint case_act_line_fkey FOREIGN KEY (line) REFERENCES line(no),
  constraint case_act_pkey PRIMARY KEY (no),
  constraint case_act_says_what CHECK ((kind = 'assign'::text OR assignee IS NULL) AND (kind = 'snooze'::text OR snoozed_until IS NULL) AND (kind <> 'note'::text OR note <> ''::text))
);
CREATE INDEX case_act_by_assignee ON public.case_act USING btree (assignee) WHERE (kind = 'assign'::text);
CREATE INDEX case_act_of_case ON public.case_act USING btree (bucket, line, period, kind, no);
CREATE TRIGGER case_act_is_append_only BEFORE DELETE OR UPDATE ON public.case_act FOR EACH ROW EXECUTE FUNCTION refuse_change() (enabled always);
CREATE TRIGGER case_act_is_never_truncated BEFORE TRUNCATE ON public.case_act FOR EACH STATEMENT EXECUTE FUNCTION refuse_change() (enabled always);

table case_event (
  bucket smallint not null,
  no bigint not null generated always as identity,
  line integer not null,
  period integer not null,
  condition text not null,
  event text not null,
  evidence json,
  constraint case_event_is_in_its_bucket CHECK (no > 0 AND bucket >= 0 AND bucket <= 63) NOT VALID,
  constraint case_event_pkey PRIMARY KEY (bucket, no)
);
CREATE TRIGGER case_event_is_append_only BEFORE DELETE OR UPDATE ON public.case_event FOR EACH ROW EXECUTE FUNCTION refuse_change() (enabled always);
CREATE TRIGGER case_event_is_never_truncated BEFORE TRUNCATE ON public.case_event FOR EACH STATEMENT EXECUTE FUNCTION refuse_change() (enabled always);

table case_file (
  bucket smallint not null,
  line integer not null,
  period integer not null,
  state text not null,
  last_verdict bigint,
  at_stake bigint not null default 0,
  at_stake_calls integer not null default 0,
  constraint case_file_is_in_a_bucket CHECK (bucket >= 0 AND bucket <= 63) NOT VALID,
  constraint case_file_pkey PRIMARY KEY (bucket, line, period),
  constraint case_state CHECK (state = ANY (ARRAY['open'::text, 'decided'::text, 'withdrawn'::text]))
);
CREATE INDEX case_file_by_money ON public.case_file USING btree (state, at_stake DESC, period DESC, line);
CREATE TRIGGER case_file_is_never_deleted BEFORE DELETE ON public.case_file FOR EACH ROW EXECUTE FUNCTION refuse_change('a case is decided or withdrawn, never removed') (enabled always);
CREATE TRIGGER case_file_is_never_truncated BEFORE TRUNCATE ON public.case_file FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('a case is decided or withdrawn, never removed') (enabled always);

table closed_breach (
  bucket smallint not null,
  line integer not null,
  period integer not null,
  condition text not null,
  constraint closed_breach_is_in_a_bucket CHECK (bucket >= 0 AND bucket <= 63),
  constraint closed_breach_pkey PRIMARY KEY (bucket, line, period, condition)
);
CREATE TRIGGER closed_breach_is_append_only BEFORE DELETE OR UPDATE ON public.closed_breach FOR EACH ROW EXECUTE FUNCTION refuse_change() (enabled always);
CREATE TRIGGER closed_breach_is_never_truncated BEFORE TRUNCATE ON public.closed_breach FOR EACH STATEMENT EXECUTE FUNCTION refuse_change() (enabled always);

table copy_start (
  cluster text not null,
  timeline integer not null,
  database bigint not null,
  bucket smallint not null,
  position bigint not null,
  event bigint not null,
  settlements integer not null,
  begun_at timestamp with time zone not null default clock_timestamp(),
  constraint copy_start_event_check CHECK (event >= 0),
  constraint copy_start_is_in_a_bucket CHECK (bucket >= 0 AND bucket <= 63),
  constraint copy_start_pkey PRIMARY KEY (cluster, timeline, database, bucket),
  constraint copy_start_position_check CHECK ("position" >= 0)
);
CREATE TRIGGER copy_start_is_append_only BEFORE DELETE OR UPDATE ON public.copy_start FOR EACH ROW EXECUTE FUNCTION refuse_change() (enabled always);
CREATE TRIGGER copy_start_is_never_truncated BEFORE TRUNCATE ON public.copy_start FOR EACH STATEMENT EXECUTE FUNCTION refuse_change() (enabled always);

table decision (
  bucket smallint not null,
  sequence bigint not null,
  line integer not null,
  period integer not null,
  condition text not null,
  kind text not null,
  effective_at timestamp with time zone not null,
  breach_from timestamp with time zone,
  decided_by text not null,
  note text not null,
  decided_at timestamp with time zone default clock_timestamp(),
  constraint decision_is_in_its_bucket CHECK (sequence > 0 AND bucket >= 0 AND bucket <= 63) NOT VALID,
  constraint decision_kind CHECK (kind = ANY (ARRAY['confirm'::text, 'dismiss'::text, 'reinstate'::text, 'reopen'::text])),
  constraint decision_pkey PRIMARY KEY (bucket, sequence)
);
CREATE TRIGGER decision_is_append_only BEFORE DELETE OR UPDATE ON public.decision FOR EACH ROW EXECUTE FUNCTION refuse_change() (enabled always);
CREATE TRIGGER decision_is_never_truncated BEFORE TRUNCATE ON public.decision FOR EACH STATEMENT EXECUTE FUNCTION refuse_change() (enabled always);

table deck_schedule (
  no integer not null generated always as identity,
  basis text not null,
  valid_from timestamp with time zone not null,
  rate_deck integer not null,
  taken_by text not null,
  taken_at timestamp with time zone not null default clock_timestamp(),
  constraint deck_schedule_basis CHECK (basis = ANY (ARRAY['call-start'::text, 'billing-day'::text])),
  constraint deck_schedule_begins CHECK (valid_from < 'infinity'::timestamp with time zone),
  constraint deck_schedule_pkey PRIMARY KEY (no),
  constraint deck_schedule_rate_deck_fkey FOREIGN KEY (rate_deck) REFERENCES rate_deck(no)
);
CREATE TRIGGER deck_schedule_is_append_only BEFORE DELETE OR UPDATE ON public.deck_schedule FOR EACH ROW EXECUTE FUNCTION refuse_change() (enabled always);
CREATE TRIGGER deck_schedule_is_never_truncated BEFORE TRUNCATE ON public.deck_schedule FOR EACH STATEMENT EXECUTE FUNCTION refuse_change() (enabled always);

table destination (
  no integer not null generated always as identity,
  name text not null,
  constraint destination_name_key UNIQUE (name),
  constraint destination_pkey PRIMARY KEY (no)
);
CREATE TRIGGER destination_is_never_deleted BEFORE DELETE ON public.destination FOR EACH ROW EXECUTE FUNCTION refuse_change('entries name it by its number') (enabled always);
CREATE TRIGGER destination_is_never_truncated BEFORE TRUNCATE ON public.destination FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('entries name it by its number') (enabled always);
CREATE TRIGGER destination_keeps_what_it_says BEFORE UPDATE OF no, name ON public.destination FOR EACH ROW EXECUTE FUNCTION refuse_change('entries name it by its number') (enabled always);

table entry (
  position bigint not null,
  identity bigint not null,
  started_at timestamp with time zone not null,
  called bigint not null,
  charge bigint not null,
  metered_price bigint not null,
  period integer not null,
  billed_period integer not null,
  account integer not null,
  line integer not null,
  duration_ms integer not null,
  billed_seconds integer not null,
  destination integer not null,
  rate_deck integer not null,
  offer integer,
  bucket smallint not null,
  revision smallint not null,
  flags smallint not null,
  kind "char" not null,
  coverage "char",
  coverage_before "char",
  reason text not null,
  cdr text,
  constraint entry_correction_has_a_number CHECK (revision > 0 OR kind = 'u'::"char"),
  constraint entry_coverage CHECK (coverage = ANY (ARRAY['i'::"char", 'm'::"char", 'f'::"char"])),
  constraint entry_is_in_the_feed CHECK ("position" > 0 AND bucket >= 0 AND bucket <= 63) NOT VALID,
  constraint entry_kind CHECK (kind = ANY (ARRAY['u'::"char", 'r'::"char", 'v'::"char", 'p'::"char"])),
  constraint entry_only_metered_is_charged CHECK (kind <> 'u'::"char" OR coverage = 'm'::"char" OR charge = 0),
  constraint entry_reversal_has_no_coverage CHECK ((kind = 'v'::"char") = (coverage IS NULL)),
  constraint entry_usage_corrects_nothing CHECK ((kind = 'u'::"char") = (coverage_before IS NULL)),
  constraint entry_usage_holds_the_call CHECK ((kind = 'u'::"char") = (cdr IS NOT NULL))
) partition by LIST (period);
CREATE TRIGGER entry_is_append_only BEFORE DELETE OR UPDATE ON public.entry FOR EACH ROW EXECUTE FUNCTION refuse_change() (enabled always);
CREATE TRIGGER entry_is_never_truncated BEFORE TRUNCATE ON public.entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change() (enabled always);

table feed_consumer (
  name text not null,
  cursor text not null,
  life uuid not null,
  positions bigint[] not null,
  reported_by text not null,
  reported_at timestamp with time zone not null default clock_timestamp(),
  constraint feed_consumer_has_all_buckets CHECK (cardinality(positions) = 64),
  constraint feed_consumer_pkey PRIMARY KEY (name)
);

table head (
  bucket smallint not null,
  position bigint not null default 0,
  facts bigint not null default 0,
  chain bytea not null default '\x'::bytea,
  constraint head_is_in_the_feed CHECK ("position" >= 0 AND facts >= 0 AND bucket >= 0 AND bucket <= 63) NOT VALID,
  constraint head_pkey PRIMARY KEY (bucket)
);
CREATE TRIGGER head_is_never_deleted BEFORE DELETE ON public.head FOR EACH ROW EXECUTE FUNCTION refuse_change('a bucket without its head would give feed positions twice') (enabled always);
CREATE TRIGGER head_is_never_truncated BEFORE TRUNCATE ON public.head FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('a bucket without its head would give feed positions twice') (enabled always);
CREATE TRIGGER head_moves_forward BEFORE UPDATE OF bucket, "position", facts ON public.head FOR EACH ROW WHEN (((new.bucket <> old.bucket) OR (new."position" < old."position") OR (new.facts < old.facts))) EXECUTE FUNCTION refuse_change('a head moves forward only, since no feed position is given twice') (enabled always);

table hole_settlement (
  no bigint not null generated always as identity,
  source text not null,
  partition integer not null,
  position bigint not null,
  hole bigint not null,
  settled_by text not null,
  note text not null,
  settled_at timestamp with time zone not null default clock_timestamp(),
  constraint hole_settlement_is_in_the_source CHECK ("position" >= 0) NOT VALID,
  constraint hole_settlement_pkey PRIMARY KEY (no)
);
CREATE INDEX hole_settlement_source ON public.hole_settlement USING btree (source);
CREATE TRIGGER hole_settlement_is_append_only BEFORE DELETE OR UPDATE ON public.hole_settlement FOR EACH ROW EXECUTE FUNCTION refuse_change() (enabled always);
CREATE TRIGGER hole_settlement_is_never_truncated BEFORE TRUNCATE ON public.hole_settlement FOR EACH STATEMENT EXECUTE FUNCTION refuse_change() (enabled always);

table idempotency_key (
  holder text not null,
  key text not null,
  request bytea,
  begun_at timestamp with time zone not null default clock_timestamp(),
  status smallint,
  headers text,
  answer bytea,
  answered_at timestamp with time zone,
  constraint idempotency_key_holder_check CHECK (holder <> ''::text),
  constraint idempotency_key_is_answered_whole CHECK ((status IS NULL) = (answer IS NULL) AND (status IS NULL) = (headers IS NULL) AND (status IS NULL) = (answered_at IS NULL) AND (status IS NULL OR request IS NOT NULL)),
  constraint idempotency_key_key_check CHECK (length(key) >= 1 AND length(key) <= 255),
  constraint idempotency_key_pkey PRIMARY KEY (holder, key),
  constraint idempotency_key_request_check CHECK (length(request) = 32),
  constraint idempotency_key_status_check CHECK (status >= 200 AND status <= 299)
);
CREATE TRIGGER idempotency_key_is_never_truncated BEFORE TRUNCATE ON public.idempotency_key FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('what was answered stays') (enabled always);
CREATE TRIGGER idempotency_key_keeps_its_answer BEFORE DELETE OR UPDATE ON public.idempotency_key FOR EACH ROW WHEN ((old.status IS NOT NULL)) EXECUTE FUNCTION refuse_change('what was answered stays') (enabled always);

table ledger_home (
  only_row boolean not null default true,
  cluster text not null,
  timeline integer not null,
  database bigint not null,
  settled_at timestamp with time zone not null default now(),
  settled_by text not null,
  note text not null,
  settlements integer not null default 1,
  constraint ledger_home_only_row_check CHECK (only_row),
  constraint ledger_home_pkey PRIMARY KEY (only_row)
);

table ledger_life (
  no integer not null,
  id uuid not null,
  begun_at timestamp with time zone not null default now(),
  begun_by text not null,
  note text not null,
  constraint ledger_life_id_key UNIQUE (id),
  constraint ledger_life_pkey PRIMARY KEY (no)
);
CREATE TRIGGER ledger_life_is_append_only BEFORE DELETE OR UPDATE ON public.ledger_life FOR EACH ROW EXECUTE FUNCTION refuse_change() (enabled always);
CREATE TRIGGER ledger_life_is_never_truncated BEFORE TRUNCATE ON public.ledger_life FOR EACH STATEMENT EXECUTE FUNCTION refuse_change() (enabled always);

table ledger_life_start (
  life integer not null,
  bucket smallint not null,
  position bigint not null,
  event bigint not null,
  constraint ledger_life_start_is_in_the_feed CHECK ("position" >= 0 AND event >= 0 AND bucket >= 0 AND bucket <= 63) NOT VALID,
  constraint ledger_life_start_life_fkey FOREIGN KEY (life) REFERENCES ledger_life(no),
  constraint ledger_life_start_pkey PRIMARY KEY (life, bucket)
);
CREATE TRIGGER ledger_life_start_is_append_only BEFORE DELETE OR UPDATE ON public.ledger_life_start FOR EACH ROW EXECUTE FUNCTION refuse_change() (enabled always);
CREATE TRIGGER ledger_life_start_is_never_truncated BEFORE TRUNCATE ON public.ledger_life_start FOR EACH STATEMENT EXECUTE FUNCTION refuse_change() (enabled always);

table leg_head (
  bucket smallint not null,
  version bigint not null default 0,
  constraint leg_head_counts CHECK (version >= 0),
  constraint leg_head_is_a_bucket CHECK (bucket >= 0 AND bucket <= 63),
  constraint leg_head_pkey PRIMARY KEY (bucket)
);

table line (
  no integer not null generated always as identity,
  account integer not null,
  bucket smallint not null,
  id text not null,
  constraint line_account_fkey FOREIGN KEY (account) REFERENCES account(no),
  constraint line_id_key UNIQUE (id),
  constraint line_is_in_a_bucket CHECK (bucket >= 0 AND bucket <= 63) NOT VALID,
  constraint line_pkey PRIMARY KEY (no)
);
CREATE TRIGGER line_is_never_deleted BEFORE DELETE ON public.line FOR EACH ROW EXECUTE FUNCTION refuse_change('its id and account are permanent') (enabled always);
CREATE TRIGGER line_is_never_truncated BEFORE TRUNCATE ON public.line FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('its id and account are permanent') (enabled always);
CREATE TRIGGER line_keeps_what_it_says BEFORE UPDATE OF no, account, bucket, id ON public.line FOR EACH ROW EXECUTE FUNCTION refuse_change('its id and account are permanent') (enabled always);

table line_change (
  no bigint not null generated always as identity,
  line text not null,
  changed_at timestamp with time zone not null default clock_timestamp(),
  changed_by text not null,
  note text not null,
  before text,
  after text not null,
  constraint line_change_pkey PRIMARY KEY (no)
);
CREATE INDEX line_change_by_line ON public.line_change USING btree (line, no);
CREATE TRIGGER line_change_is_append_only BEFORE DELETE OR UPDATE ON public.line_change FOR EACH ROW EXECUTE FUNCTION refuse_change() (enabled always);
CREATE TRIGGER line_change_is_never_truncated BEFORE TRUNCATE ON public.line_change FOR EACH STATEMENT EXECUTE FUNCTION refuse_change() (enabled always);

table line_device (
  bucket smallint not null,
  line integer not null,
  user_agent text not null,
  valid_from timestamp with time zone not null,
  valid_to timestamp with time zone,
  constraint line_device_is_in_a_bucket CHECK (bucket >= 0 AND bucket <= 63) NOT VALID,
  constraint line_device_line_fkey FOREIGN KEY (line) REFERENCES line(no)
);
CREATE INDEX line_device_line ON public.line_device USING btree (bucket, line);

table line_fact (
  bucket smallint not null,
  line integer not null,
  valid_from timestamp with time zone not null,
  valid_to timestamp with time zone,
  number bigint,
  offer text,
  usage_class text not null,
  mobility text not null,
  equipment text not null,
  constraint line_fact_ends_after_it_begins CHECK (valid_to > valid_from),
  constraint line_fact_equipment CHECK (equipment = ANY (ARRAY['managed'::text, 'customer-pbx'::text, 'customer-gateway'::text, 'unknown'::text])),
  constraint line_fact_is_in_a_bucket CHECK (bucket >= 0 AND bucket <= 63) NOT VALID,
  constraint line_fact_line_fkey FOREIGN KEY (line) REFERENCES line(no),
  constraint line_fact_mobility CHECK (mobility = ANY (ARRAY['off'::text, 'used'::text, 'unknown'::text])),
  constraint line_fact_pkey PRIMARY KEY (bucket, line, valid_from),
  constraint line_fact_usage_class CHECK (usage_class = ANY (ARRAY['residential'::text, 'business'::text, 'carrier'::text, 'phone-shop'::text, 'telemarketing'::text, 'phoning'::text, 'call-centre'::text, 'prepaid-cards'::text, 'voice-services'::text]))
);
CREATE INDEX line_fact_number ON public.line_fact USING btree (number, valid_from) WHERE (number IS NOT NULL);
CREATE TRIGGER line_fact_number_is_of_one_line AFTER INSERT ON public.line_fact REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION refuse_number_of_two_lines();
CREATE TRIGGER line_fact_number_stays_of_one_line AFTER UPDATE ON public.line_fact REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION refuse_number_of_two_lines();

table line_network (
  bucket smallint not null,
  line integer not null,
  cidr text not null,
  valid_from timestamp with time zone not null,
  valid_to timestamp with time zone,
  constraint line_network_is_in_a_bucket CHECK (bucket >= 0 AND bucket <= 63) NOT VALID,
  constraint line_network_line_fkey FOREIGN KEY (line) REFERENCES line(no)
);
CREATE INDEX line_network_line ON public.line_network USING btree (bucket, line);

table line_suspension (
  bucket smallint not null,
  line integer not null,
  suspended_from timestamp with time zone not null,
  suspended_to timestamp with time zone not null,
  holds json not null,
  constraint line_suspension_ends_after_it_begins CHECK (suspended_to > suspended_from),
  constraint line_suspension_is_in_a_bucket CHECK (bucket >= 0 AND bucket <= 63) NOT VALID,
  constraint line_suspension_pkey PRIMARY KEY (bucket, line)
);

table migration (
  no integer not null,
  name text not null,
  hash text not null,
  breaking boolean not null,
  ran_at timestamp with time zone not null default now(),
  constraint migration_pkey PRIMARY KEY (no)
);
CREATE TRIGGER migration_is_append_only BEFORE DELETE OR UPDATE ON public.migration FOR EACH ROW EXECUTE FUNCTION refuse_change() (enabled always);
CREATE TRIGGER migration_is_never_truncated BEFORE TRUNCATE ON public.migration FOR EACH STATEMENT EXECUTE FUNCTION refuse_change() (enabled always);

table number_repair (
  no bigint not null generated always as identity,
  kind text not null,
  begins text not null,
  digits integer,
  destination integer,
  switch text,
  replacement text,
  taken_by text not null,
  note text not null,
  taken_at timestamp with time zone not null default clock_timestamp(),
  constraint number_repair_begins CHECK (begins ~ '^[0-9*#+]{0,15}$'::text),
  constraint number_repair_destination_fkey FOREIGN KEY (destination) REFERENCES destination(no),
  constraint number_repair_digits CHECK (digits >= 2 AND digits <= 15),
  constraint number_repair_kind CHECK (kind = ANY (ARRAY['prefix'::text, 'dialled'::text])),
  constraint number_repair_pkey PRIMARY KEY (no),
  constraint number_repair_replacement CHECK (replacement ~ '^[0-9*#+]{0,15}$'::text),
  constraint number_repair_says_what CHECK (kind = 'prefix'::text AND digits IS NOT NULL AND switch IS NULL AND replacement IS NULL AND begins ~ '^[0-9]{2,15}$'::text OR kind = 'dialled'::text AND digits IS NULL AND destination IS NULL)
);
CREATE TRIGGER number_repair_is_append_only BEFORE DELETE OR UPDATE ON public.number_repair FOR EACH ROW EXECUTE FUNCTION refuse_change() (enabled always);
CREATE TRIGGER number_repair_is_never_truncated BEFORE TRUNCATE ON public.number_repair FOR EACH STATEMENT EXECUTE FUNCTION refuse_change() (enabled always);

table numbering_plan (
  no integer not null generated always as identity,
  version text not null,
  added_at timestamp with time zone not null default now(),
  constraint numbering_plan_pkey PRIMARY KEY (no),
  constraint numbering_plan_version_key UNIQUE (version)
);
CREATE TRIGGER numbering_plan_is_never_deleted BEFORE DELETE ON public.numbering_plan FOR EACH ROW EXECUTE FUNCTION refuse_change('a version is never rewritten or removed') (enabled always);
CREATE TRIGGER numbering_plan_is_never_truncated BEFORE TRUNCATE ON public.numbering_plan FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('a version is never rewritten or removed') (enabled always);
CREATE TRIGGER numbering_plan_keeps_what_it_says BEFORE UPDATE OF no, version, added_at ON public.numbering_plan FOR EACH ROW EXECUTE FUNCTION refuse_change('a version is never rewritten or removed') (enabled always);

table offer (
  no integer not null generated always as identity,
  id text not null,
  version text not null,
  document jsonb not null,
  added_at timestamp with time zone not null default now(),
  constraint offer_pkey PRIMARY KEY (no),
  constraint offer_version_key UNIQUE (version)
);
CREATE TRIGGER offer_is_never_deleted BEFORE DELETE ON public.offer FOR EACH ROW EXECUTE FUNCTION refuse_change('a version is never rewritten or removed') (enabled always);
CREATE TRIGGER offer_is_never_truncated BEFORE TRUNCATE ON public.offer FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('a version is never rewritten or removed') (enabled always);
CREATE TRIGGER offer_keeps_what_it_says BEFORE UPDATE OF no, id, version, document ON public.offer FOR EACH ROW EXECUTE FUNCTION refuse_change('a version is never rewritten or removed') (enabled always);

table outbox (
  bucket smallint not null,
  no bigint not null generated always as identity,
  type text not null,
  line integer not null,
  period integer,
  happened_at timestamp with time zone not null default now(),
  data json not null,
  constraint outbox_cases_have_a_period CHECK ((type ~~ 'case.%'::text) = (period IS NOT NULL)),
  constraint outbox_is_in_the_feed CHECK (no > 0 AND bucket >= 0 AND bucket <= 63) NOT VALID,
  constraint outbox_pkey PRIMARY KEY (bucket, no),
  constraint outbox_type CHECK (type = ANY (ARRAY['case.opened'::text, 'case.decided'::text, 'case.withdrawn'::text, 'line.unlimited-suspended'::text, 'line.unlimited-reinstated'::text]))
);
CREATE TRIGGER outbox_is_append_only BEFORE DELETE OR UPDATE ON public.outbox FOR EACH ROW EXECUTE FUNCTION refuse_change() (enabled always);
CREATE TRIGGER outbox_is_never_truncated BEFORE TRUNCATE ON public.outbox FOR EACH STATEMENT EXECUTE FUNCTION refuse_change() (enabled always);

table period_close (
  period integer not null,
  bucket smallint not null,
  position bigint not null,
  constraint period_close_is_in_a_bucket CHECK (bucket >= 0 AND bucket <= 63),
  constraint period_close_is_in_the_feed CHECK ("position" >= 0),
  constraint period_close_pkey PRIMARY KEY (period, bucket)
);
CREATE TRIGGER period_close_is_append_only BEFORE DELETE OR UPDATE ON public.period_close FOR EACH ROW EXECUTE FUNCTION refuse_change() (enabled always);
CREATE TRIGGER period_close_is_never_truncated BEFORE TRUNCATE ON public.period_close FOR EACH STATEMENT EXECUTE FUNCTION refuse_change() (enabled always);

table period_move (
  no integer not null generated always as identity,
  period integer not null,
  state text not null,
  moved_by text not null,
  note text not null,
  moved_at timestamp with time zone not null,
  constraint period_move_is_of_a_month CHECK (period >= 100001 AND period <= 999912 AND (period % 100) >= 1 AND (period % 100) <= 12),
  constraint period_move_pkey PRIMARY KEY (no),
  constraint period_move_state CHECK (state = ANY (ARRAY['open'::text, 'closing'::text, 'closed'::text]))
);
CREATE TRIGGER period_move_is_append_only BEFORE DELETE OR UPDATE ON public.period_move FOR EACH ROW EXECUTE FUNCTION refuse_change() (enabled always);
CREATE TRIGGER period_move_is_never_truncated BEFORE TRUNCATE ON public.period_move FOR EACH STATEMENT EXECUTE FUNCTION refuse_change() (enabled always);
CREATE TRIGGER period_stays_closed BEFORE INSERT ON public.period_move FOR EACH ROW EXECUTE FUNCTION refuse_move_of_closed_period() (enabled always);
CREATE UNIQUE INDEX period_is_closed_once ON public.period_move USING btree (period) WHERE (state = 'closed'::text);

table posting (
  bucket smallint not null,
  after bigint not null,
  up_to bigint not null,
  posted_at timestamp with time zone not null,
  cause text not null,
  form smallint not null,
  digest bytea not null,
  chain bytea not null,
  constraint posting_digests_are_sha256 CHECK (length(digest) = 32 AND length(chain) = 32),
  constraint posting_has_entries CHECK (up_to > after),
  constraint posting_is_in_the_feed CHECK (after >= 0 AND bucket >= 0 AND bucket <= 63) NOT VALID,
  constraint posting_pkey PRIMARY KEY (bucket, up_to)
);
CREATE INDEX posting_in_time ON public.posting USING btree (bucket, posted_at, up_to);
CREATE TRIGGER posting_is_append_only BEFORE DELETE OR UPDATE ON public.posting FOR EACH ROW EXECUTE FUNCTION refuse_change() (enabled always);
CREATE TRIGGER posting_is_never_truncated BEFORE TRUNCATE ON public.posting FOR EACH STATEMENT EXECUTE FUNCTION refuse_change() (enabled always);

table proof_start (
  bucket smallint not null,
  position bigint not null,
  constraint proof_start_is_in_a_bucket CHECK (bucket >= 0 AND bucket <= 63),
  constraint proof_start_is_in_the_feed CHECK ("position" >= 0),
  constraint proof_start_pkey PRIMARY KEY (bucket)
);
CREATE TRIGGER proof_start_is_append_only BEFORE DELETE OR UPDATE ON public.proof_start FOR EACH ROW EXECUTE FUNCTION refuse_change() (enabled always);
CREATE TRIGGER proof_start_is_never_truncated BEFORE TRUNCATE ON public.proof_start FOR EACH STATEMENT EXECUTE FUNCTION refuse_change() (enabled always);

table quarantine (
  no bigint not null generated always as identity,
  source text not null,
  partition integer not null,
  position bigint not null,
  format text not null,
  reason text not null,
  detail text not null,
  record bytea not null,
  cdr bytea,
  identity bigint,
  content text,
  state text not null default 'waiting'::text,
  item integer not null default 0,
  waits_for text[] not null default '{}'::text[],
  is_stale boolean not null default false,
  call_key bytea,
  record_key bytea,
  arrivals bigint not null default 1,
  received_at timestamp with time zone,
  starts_from timestamp with time zone,
  starts_to timestamp with time zone,
  waits_month integer,
  set_aside_at timestamp with time zone not null default now(),
  constraint quarantine_is_in_the_source CHECK ("position" >= 0 AND item >= 0) NOT VALID,
  constraint quarantine_pkey PRIMARY KEY (no),
  constraint quarantine_state CHECK (state = ANY (ARRAY['waiting'::text, 'rated'::text, 'superseded'::text, 'no-call'::text, 'written-off'::text]))
);
CREATE INDEX quarantine_call ON public.quarantine USING btree (call_key) WHERE (call_key IS NOT NULL);
CREATE INDEX quarantine_identity ON public.quarantine USING btree (identity) WHERE (identity IS NOT NULL);
CREATE INDEX quarantine_no_call ON public.quarantine USING btree (identity) WHERE (state = 'no-call'::text);
CREATE INDEX quarantine_stale ON public.quarantine USING btree (no) WHERE is_stale;
CREATE INDEX quarantine_waiting ON public.quarantine USING btree (reason, set_aside_at) WHERE (state = 'waiting'::text);
CREATE INDEX quarantine_waits_for ON public.quarantine USING gin (waits_for) WHERE (state <> 'rated'::text);
CREATE INDEX quarantine_waits_month ON public.quarantine USING btree (waits_month) WHERE ((waits_month IS NOT NULL) AND (state = 'waiting'::text));
CREATE INDEX quarantine_written_off ON public.quarantine USING btree (no) WHERE (state = 'written-off'::text);
CREATE TRIGGER quarantine_is_never_deleted BEFORE DELETE ON public.quarantine FOR EACH ROW EXECUTE FUNCTION refuse_change('a record stays as it came, and is never removed') (enabled always);
CREATE TRIGGER quarantine_is_never_truncated BEFORE TRUNCATE ON public.quarantine FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('a record stays as it came, and is never removed') (enabled always);
CREATE TRIGGER quarantine_keeps_what_it_says BEFORE UPDATE OF no, source, partition, "position", format, record, cdr, identity, content, item, call_key, record_key, received_at, starts_from, starts_to, set_aside_at ON public.quarantine FOR EACH ROW EXECUTE FUNCTION refuse_change('a record stays as it came, and is never removed') (enabled always);
CREATE UNIQUE INDEX quarantine_once ON public.quarantine USING btree (record_key) WHERE (state <> 'rated'::text);

table quarantine_write_off (
  no bigint not null generated always as identity,
  quarantine bigint not null,
  act text not null,
  taken_by text not null,
  note text not null,
  taken_at timestamp with time zone not null default clock_timestamp(),
  constraint quarantine_write_off_act CHECK (act = ANY (ARRAY['written-off'::text, 'reopened'::text])),
  constraint quarantine_write_off_pkey PRIMARY KEY (no),
  constraint quarantine_write_off_quarantine_fkey FOREIGN KEY (quarantine) REFERENCES quarantine(no)
);
CREATE INDEX quarantine_write_off_record ON public.quarantine_write_off USING btree (quarantine, no);
CREATE TRIGGER quarantine_write_off_is_append_only BEFORE DELETE OR UPDATE ON public.quarantine_write_off FOR EACH ROW EXECUTE FUNCTION refuse_change() (enabled always);
CREATE TRIGGER quarantine_write_off_is_never_truncated BEFORE TRUNCATE ON public.quarantine_write_off FOR EACH STATEMENT EXECUTE FUNCTION refuse_change() (enabled always);

table rate_deck (
  no integer not null generated always as identity,
  name text not null,
  version text not null,
  currency text not null,
  time_zone text not null,
  document text not null,
  added_at timestamp with time zone not null default now(),
  constraint rate_deck_name_version_key UNIQUE (name, version),
  constraint rate_deck_pkey PRIMARY KEY (no)
);
CREATE TRIGGER rate_deck_is_never_deleted BEFORE DELETE ON public.rate_deck FOR EACH ROW EXECUTE FUNCTION refuse_change('a version is never rewritten or removed') (enabled always);
CREATE TRIGGER rate_deck_is_never_truncated BEFORE TRUNCATE ON public.rate_deck FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('a version is never rewritten or removed') (enabled always);
CREATE TRIGGER rate_deck_keeps_what_it_says BEFORE UPDATE OF no, name, version, currency, time_zone, document ON public.rate_deck FOR EACH ROW EXECUTE FUNCTION refuse_change('a version is never rewritten or removed') (enabled always);

table registered_line (
  bucket smallint not null,
  line integer not null,
  last_start timestamp with time zone,
  constraint registered_line_is_in_a_bucket CHECK (bucket >= 0 AND bucket <= 63),
  constraint registered_line_pkey PRIMARY KEY (bucket, line)
);

table registration (
  bucket smallint not null,
  party text not null,
  chunk integer not null,
  binding uuid not null,
  contact text not null,
  user_agent text not null,
  address text not null,
  events bytea not null,
  constraint registration_chunk_is_counted CHECK (chunk >= 0),
  constraint registration_events_are_whole CHECK (length(events) > 0 AND (length(events) % 8) = 0),
  constraint registration_is_in_a_bucket CHECK (bucket >= 0 AND bucket <= 63),
  constraint registration_pkey PRIMARY KEY (bucket, party, chunk, binding)
);
CREATE TRIGGER registration_is_never_deleted BEFORE DELETE ON public.registration FOR EACH ROW EXECUTE FUNCTION refuse_change() (enabled always);
CREATE TRIGGER registration_is_never_truncated BEFORE TRUNCATE ON public.registration FOR EACH STATEMENT EXECUTE FUNCTION refuse_change() (enabled always);
CREATE TRIGGER registration_keeps_what_it_says BEFORE UPDATE OF bucket, party, chunk, binding, contact, user_agent, address ON public.registration FOR EACH ROW EXECUTE FUNCTION refuse_change('what was said of a registration stays') (enabled always);
CREATE TRIGGER registration_only_grows BEFORE UPDATE OF events ON public.registration FOR EACH ROW EXECUTE FUNCTION refuse_other_events() (enabled always);

table relay_cursor (
  feed text not null,
  bucket smallint not null,
  position bigint not null default 0,
  constraint relay_cursor_is_in_the_feed CHECK ("position" >= 0 AND bucket >= 0 AND bucket <= 63) NOT VALID,
  constraint relay_cursor_pkey PRIMARY KEY (feed, bucket)
);
CREATE TRIGGER relay_cursor_is_not_ahead BEFORE INSERT OR UPDATE OF "position" ON public.relay_cursor FOR EACH ROW WHEN ((new."position" > 0)) EXECUTE FUNCTION refuse_cursor_ahead();

table relayed_life (
  life integer not null,
  constraint relayed_life_life_fkey FOREIGN KEY (life) REFERENCES ledger_life(no),
  constraint relayed_life_pkey PRIMARY KEY (life)
);

table retroactive_change (
  no bigint not null generated always as identity,
  kind text not null,
  version text not null,
  reaches_back timestamp with time zone not null,
  calls bigint not null,
  taken_by text not null,
  note text not null,
  taken_at timestamp with time zone not null default clock_timestamp(),
  constraint retroactive_change_kind CHECK (kind = ANY (ARRAY['rate-deck'::text, 'offer'::text, 'numbering-plan'::text, 'lines'::text])),
  constraint retroactive_change_pkey PRIMARY KEY (no)
);
CREATE TRIGGER retroactive_change_is_append_only BEFORE DELETE OR UPDATE ON public.retroactive_change FOR EACH ROW EXECUTE FUNCTION refuse_change() (enabled always);
CREATE TRIGGER retroactive_change_is_never_truncated BEFORE TRUNCATE ON public.retroactive_change FOR EACH STATEMENT EXECUTE FUNCTION refuse_change() (enabled always);

table saved_view (
  no bigint not null generated always as identity,
  owner text not null,
  name text not null,
  filter text,
  is_shared boolean not null,
  kept_by text not null,
  kept_at timestamp with time zone not null default clock_timestamp(),
  constraint saved_view_filter CHECK (length(filter) >= 1 AND length(filter) <= 2000),
  constraint saved_view_has_an_owner CHECK (owner <> ''::text),
  constraint saved_view_name CHECK (length(name) >= 1 AND length(name) <= 60),
  constraint saved_view_pkey PRIMARY KEY (no)
);
CREATE INDEX saved_view_by_owner ON public.saved_view USING btree (owner, name, no DESC);
CREATE TRIGGER saved_view_is_append_only BEFORE DELETE OR UPDATE ON public.saved_view FOR EACH ROW EXECUTE FUNCTION refuse_change() (enabled always);
CREATE TRIGGER saved_view_is_never_truncated BEFORE TRUNCATE ON public.saved_view FOR EACH STATEMENT EXECUTE FUNCTION refuse_change() (enabled always);

table shared_hash (
  identity bigint not null,
  hash bigint not null,
  call_key bytea not null,
  constraint shared_hash_call UNIQUE (call_key),
  constraint shared_hash_pkey PRIMARY KEY (identity)
);
CREATE INDEX shared_hash_hash ON public.shared_hash USING btree (hash);
CREATE TRIGGER shared_hash_is_append_only BEFORE DELETE OR UPDATE ON public.shared_hash FOR EACH ROW EXECUTE FUNCTION refuse_change() (enabled always);
CREATE TRIGGER shared_hash_is_never_truncated BEFORE TRUNCATE ON public.shared_hash FOR EACH STATEMENT EXECUTE FUNCTION refuse_change() (enabled always);

table source_count (
  source text not null,
  outcome text not null,
  reason text not null,
  records bigint not null,
  constraint source_count_pkey PRIMARY KEY (source, outcome, reason)
);

table source_move (
  no bigint not null generated always as identity,
  source text not null,
  partition integer not null,
  moved_from bigint,
  moved_to bigint not null,
  moved_by text not null,
  note text not null,
  moved_at timestamp with time zone not null default now(),
  topic_id text,
  constraint source_move_is_in_the_source CHECK (moved_from >= 0 AND moved_to >= 0) NOT VALID,
  constraint source_move_pkey PRIMARY KEY (no)
);
CREATE TRIGGER source_move_is_append_only BEFORE DELETE OR UPDATE ON public.source_move FOR EACH ROW EXECUTE FUNCTION refuse_change() (enabled always);
CREATE TRIGGER source_move_is_never_truncated BEFORE TRUNCATE ON public.source_move FOR EACH STATEMENT EXECUTE FUNCTION refuse_change() (enabled always);

table source_position (
  source text not null,
  partition integer not null default 0,
  position bigint not null,
  prefix_hash text,
  begins_at bigint not null,
  begun_at timestamp with time zone default now(),
  topic_id text,
  taken bigint not null default 0,
  empty bigint not null default 0,
  moved_by bigint not null default 0,
  moves integer not null default 0,
  settled bigint not null default 0,
  hole bigint not null default ((((("position" - begins_at) - moved_by) - taken) - empty) - settled),
  constraint source_position_is_in_the_source CHECK ("position" >= 0 AND begins_at >= 0 AND taken >= 0 AND empty >= 0 AND moves >= 0) NOT VALID,
  constraint source_position_pkey PRIMARY KEY (source, partition)
);
CREATE TRIGGER source_position_moves_forward BEFORE UPDATE OF "position", taken, empty, moves ON public.source_position FOR EACH ROW WHEN ((((new."position" < old."position") AND (new.moves <= old.moves)) OR (new.taken < old.taken) OR (new.empty < old.empty) OR (new.moves < old.moves))) EXECUTE FUNCTION refuse_change('a source moves forward only, unless a person moves it') (enabled always);

table stale_line (
  bucket smallint not null,
  line integer not null,
  constraint stale_line_is_in_a_bucket CHECK (bucket >= 0 AND bucket <= 63) NOT VALID,
  constraint stale_line_line_fkey FOREIGN KEY (line) REFERENCES line(no),
  constraint stale_line_pkey PRIMARY KEY (bucket, line)
);

table start_acceptance (
  no bigint not null generated always as identity,
  quarantine bigint not null,
  accepted_by text not null,
  note text not null,
  accepted_at timestamp with time zone not null default now(),
  constraint start_acceptance_pkey PRIMARY KEY (no),
  constraint start_acceptance_quarantine_fkey FOREIGN KEY (quarantine) REFERENCES quarantine(no)
);
CREATE INDEX start_acceptance_quarantine ON public.start_acceptance USING btree (quarantine);
CREATE TRIGGER start_acceptance_is_append_only BEFORE DELETE OR UPDATE ON public.start_acceptance FOR EACH ROW EXECUTE FUNCTION refuse_change() (enabled always);
CREATE TRIGGER start_acceptance_is_never_truncated BEFORE TRUNCATE ON public.start_acceptance FOR EACH STATEMENT EXECUTE FUNCTION refuse_change() (enabled always);

table unread_arrival (
  quarantine bigint not null,
  source text not null,
  position bigint not null,
  item integer not null,
  arrivals bigint not null,
  is_reread boolean not null default false,
  constraint unread_arrival_came CHECK (arrivals > 0),
  constraint unread_arrival_pkey PRIMARY KEY (quarantine, source, "position", item)
);
CREATE INDEX unread_arrival_place ON public.unread_arrival USING btree (source, "position") WHERE (NOT is_reread);
CREATE TRIGGER unread_arrival_is_never_deleted BEFORE DELETE ON public.unread_arrival FOR EACH ROW EXECUTE FUNCTION refuse_change('a record stays where it came from') (enabled always);
CREATE TRIGGER unread_arrival_is_never_truncated BEFORE TRUNCATE ON public.unread_arrival FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('a record stays where it came from') (enabled always);
CREATE TRIGGER unread_arrival_keeps_what_it_says BEFORE UPDATE OF quarantine, source, "position", item ON public.unread_arrival FOR EACH ROW EXECUTE FUNCTION refuse_change('a record stays where it came from') (enabled always);

table unresolved_party (
  party text not null,
  bucket smallint not null,
  line integer not null,
  constraint unresolved_party_is_in_a_bucket CHECK (bucket >= 0 AND bucket <= 63) NOT VALID,
  constraint unresolved_party_line_fkey FOREIGN KEY (line) REFERENCES line(no),
  constraint unresolved_party_pkey PRIMARY KEY (party, bucket, line)
);

table watched_hash (
  bucket smallint not null,
  hash bigint not null,
  constraint watched_hash_is_in_a_bucket CHECK (bucket >= 0 AND bucket <= 63) NOT VALID,
  constraint watched_hash_pkey PRIMARY KEY (bucket, hash)
);

table webhook_delivery (
  endpoint text not null,
  bucket smallint not null,
  event bigint not null,
  state text not null default 'waiting'::text,
  attempts integer not null default 0,
  status integer,
  fault text,
  tried_at timestamp with time zone,
  next_at timestamp with time zone default clock_timestamp(),
  constraint webhook_delivery_attempts_check CHECK (attempts >= 0),
  constraint webhook_delivery_check CHECK ((next_at IS NULL) = (state = ANY (ARRAY['delivered'::text, 'given-up'::text]))),
  constraint webhook_delivery_endpoint_fkey FOREIGN KEY (endpoint) REFERENCES webhook_endpoint(id),
  constraint webhook_delivery_is_in_a_bucket CHECK (bucket >= 0 AND bucket <= 63),
  constraint webhook_delivery_is_in_the_feed CHECK (event > 0),
  constraint webhook_delivery_pkey PRIMARY KEY (endpoint, bucket, event),
  constraint webhook_delivery_state_check CHECK (state = ANY (ARRAY['waiting'::text, 'delivered'::text, 'failed'::text, 'given-up'::text]))
);
CREATE INDEX webhook_delivery_is_due ON public.webhook_delivery USING btree (endpoint, next_at) WHERE (next_at IS NOT NULL);
CREATE TRIGGER webhook_delivery_is_never_deleted BEFORE DELETE ON public.webhook_delivery FOR EACH ROW EXECUTE FUNCTION refuse_change() (enabled always);
CREATE TRIGGER webhook_delivery_is_never_truncated BEFORE TRUNCATE ON public.webhook_delivery FOR EACH STATEMENT EXECUTE FUNCTION refuse_change() (enabled always);

table webhook_endpoint (
  id text not null,
  url text not null,
  events text[] not null,
  account integer,
  scheme text not null,
  generation integer not null default 1,
  rotated_at timestamp with time zone,
  created_by text not null,
  created_at timestamp with time zone not null default clock_timestamp(),
  disabled_at timestamp with time zone,
  disabled_why text,
  positions bigint[] not null,
  held_until timestamp with time zone not null default '-infinity'::timestamp with time zone,
  constraint webhook_endpoint_account_fkey FOREIGN KEY (account) REFERENCES account(no),
  constraint webhook_endpoint_check CHECK ((disabled_at IS NULL) = (disabled_why IS NULL)),
  constraint webhook_endpoint_events_check CHECK (cardinality(events) > 0),
  constraint webhook_endpoint_generation_check CHECK (generation > 0),
  constraint webhook_endpoint_id_check CHECK (id ~ '^[0-9A-Za-z]{12}$'::text),
  constraint webhook_endpoint_pkey PRIMARY KEY (id),
  constraint webhook_endpoint_positions_check CHECK (cardinality(positions) = 64 AND (0 <= ALL (positions))),
  constraint webhook_endpoint_scheme_check CHECK (scheme = ANY (ARRAY['hmac'::text, 'ed25519'::text]))
);
CREATE TRIGGER webhook_endpoint_is_never_deleted BEFORE DELETE ON public.webhook_endpoint FOR EACH ROW EXECUTE FUNCTION refuse_change() (enabled always);
CREATE TRIGGER webhook_endpoint_is_never_truncated BEFORE TRUNCATE ON public.webhook_endpoint FOR EACH STATEMENT EXECUTE FUNCTION refuse_change() (enabled always);

view ledger_entry as
 SELECT e.bucket,
    e."position",
    e.period,
    e.billed_period,
    a.id AS account,
    l.id AS line,
    e.identity,
    e.revision,
        CASE e.kind
            WHEN 'u'::"char" THEN 'usage'::text
            WHEN 'r'::"char" THEN 'rerate'::text
            WHEN 'v'::"char" THEN 'reversal'::text
            ELSE 'reprice'::text
        END AS kind,
    e.started_at,
    e.duration_ms,
        CASE
            WHEN e.called < 1000000 THEN e.called::text
            ELSE '+'::text || e.called
        END AS called,
    d.name AS destination,
        CASE e.coverage
            WHEN 'i'::"char" THEN 'included'::text
            WHEN 'm'::"char" THEN 'metered'::text
            WHEN 'f'::"char" THEN 'free'::text
            ELSE NULL::text
        END AS coverage,
        CASE e.coverage_before
            WHEN 'i'::"char" THEN 'included'::text
            WHEN 'm'::"char" THEN 'metered'::text
            WHEN 'f'::"char" THEN 'free'::text
            ELSE NULL::text
        END AS coverage_before,
    e.reason,
    e.billed_seconds,
    round(e.charge::numeric / 1000000.0, 6) AS charge,
    round(e.metered_price::numeric / 1000000.0, 6) AS metered_price,
    k.currency,
    (k.name || '@'::text) || k.version AS rate_deck,
    o.version AS offer,
    e.flags,
    e.cdr
   FROM entry e
     JOIN account a ON a.no = e.account
     JOIN line l ON l.no = e.line
     JOIN rate_deck k ON k.no = e.rate_deck
     LEFT JOIN offer o ON o.no = e.offer
     LEFT JOIN destination d ON d.no = e.destination;

CREATE OR REPLACE FUNCTION public.ensure_entry_month(month integer)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
    begin
      if has_entry_month(month) then
        return true;
      end if;
      perform pg_advisory_xact_lock(7260116);
      if (select count(*) from pg_catalog.pg_inherits where inhparent = 'entry'::regclass) >= 60 then
        return has_entry_month(month);
      end if;
      perform make_entry_month(month);
      return true;
    end $function$

CREATE OR REPLACE FUNCTION public.has_entry_month(month integer)
 RETURNS boolean
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
      select exists (select from pg_catalog.pg_inherits
                     where inhparent = 'entry'::regclass and inhrelid = to_regclass('entry_' || month))
    $function$

CREATE OR REPLACE FUNCTION public.make_entry_month(month integer)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
    declare
      name text := 'entry_' || month;
    begin
      if month is null or month not between 200001 and 206012 or month % 100 not between 1 and 12 then
        raise exception 'Cannot make month %: it is no month as yyyymm from 2000 to 2060', month
          using errcode = 'invalid_parameter_value';
      end if;
      -- Two who want the same month wait for one another.
      perform pg_advisory_xact_lock(7260116);
      if has_entry_month(month) then
        return;
      end if;
      -- Attached rather than created in place: ATTACH lets writers of other months go on.
      execute format('create table public.%I (like public.entry including defaults including constraints including storage)', name);
      execute format('create unique index %I on public.%I (bucket, account, identity, revision)', name || '_call', name);
      execute format('create unique index %I on public.%I (bucket, position)', name || '_feed', name);
      execute format('create trigger entry_is_never_truncated before truncate on public.%I '
        'for each statement execute function public.refuse_change()', name);
      execute format('alter table public.%I enable always trigger entry_is_never_truncated', name);
      execute format('alter table public.entry attach partition public.%I for values in (%s)', name, month);
    end $function$

CREATE OR REPLACE FUNCTION public.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  raise exception 'Cannot % rows of %: %', lower(tg_op), tg_table_name, coalesce(tg_argv[0], 'it is append-only')
    using errcode = 'restrict_violation', table = tg_table_name, constraint = tg_name;
end $function$

CREATE OR REPLACE FUNCTION public.refuse_cursor_ahead()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
    declare
      last bigint;
    begin
      if new.feed = 'usage' then
        select position into last from head where bucket = new.bucket;
      else
        select max(no) into last from outbox where bucket = new.bucket;
      end if;
      if new.position > coalesce(last, 0) then
        raise exception 'Cannot move the cursor of feed ''%'' in bucket ''%'' to ''%'': the ledger ends at ''%'' there',
          new.feed, new.bucket, new.position, coalesce(last, 0)
          using errcode = 'check_violation', table = tg_table_name, constraint = tg_name;
      end if;
      return new;
    end $function$

CREATE OR REPLACE FUNCTION public.refuse_move_of_closed_period()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
    begin
      if exists (select from period_move where state = 'closed' and period >= new.period) then
        raise exception 'Cannot make period ''%'' ''%'': it is closed', new.period, new.state
          using errcode = 'check_violation', table = tg_table_name, constraint = tg_name;
      end if;
      return new;
    end $function$

CREATE OR REPLACE FUNCTION public.refuse_number_of_two_lines()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
declare
  clash record;
begin
  perform pg_advisory_xact_lock(7260117);
  select mine.id as line, other.id as other_line, greatest(a.valid_from, f.valid_from) as starts into clash
  from added a
  join line_fact f on f.number = a.number and (f.line, f.valid_from) <> (a.line, a.valid_from)
    and f.valid_from < coalesce(a.valid_to, 'infinity') and a.valid_from < coalesce(f.valid_to, 'infinity')
  join line mine on mine.no = a.line
  join line other on other.no = f.line
  limit 1;
  if found then
    raise exception 'Cannot give line ''%'' a number from % on: line ''%'' has it then',
      clash.line, clash.starts, clash.other_line
      using errcode = 'exclusion_violation', table = 'line_fact', constraint = 'line_fact_number_is_of_one_line';
  end if;
  return null;
end $function$

CREATE OR REPLACE FUNCTION public.refuse_other_events()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  if substring(new.events from 1 for length(old.events)) <> old.events then
    raise exception 'Cannot update rows of %: what was said of a registration stays, and more may be added', tg_table_name
      using errcode = 'restrict_violation', table = tg_table_name, constraint = tg_name;
  end if;
  return new;
end $function$
