-- The schema after all migrations, for reviewers. Written by
-- UPDATE_SCHEMA=1 npx vitest run test/ledger/schema-dump.test.ts

table account (
  no integer not null generated always as identity,
  bucket smallint not null,
  id text not null,
  name text not null,
  constraint account_id_key UNIQUE (id),
  constraint account_pkey PRIMARY KEY (no)
);

table breach (
  bucket smallint not null,
  line integer not null,
  period integer not null,
  condition text not null,
  state text not null,
  breach_from timestamp with time zone not null,
  evidence json not null,
  constraint breach_pkey PRIMARY KEY (bucket, line, period, condition),
  constraint breach_state CHECK (state = ANY (ARRAY['standing'::text, 'withdrawn'::text]))
);

table case_event (
  bucket smallint not null,
  no bigint not null generated always as identity,
  line integer not null,
  period integer not null,
  condition text not null,
  event text not null,
  evidence json,
  constraint case_event_pkey PRIMARY KEY (bucket, no)
);

table case_file (
  bucket smallint not null,
  line integer not null,
  period integer not null,
  state text not null,
  last_verdict bigint,
  constraint case_file_pkey PRIMARY KEY (bucket, line, period),
  constraint case_state CHECK (state = ANY (ARRAY['open'::text, 'decided'::text, 'withdrawn'::text]))
);

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
  constraint decision_kind CHECK (kind = ANY (ARRAY['confirm'::text, 'dismiss'::text, 'reinstate'::text])),
  constraint decision_pkey PRIMARY KEY (bucket, sequence)
);
CREATE TRIGGER decision_is_append_only BEFORE DELETE OR UPDATE ON public.decision FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER decision_is_never_truncated BEFORE TRUNCATE ON public.decision FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

table destination (
  no integer not null generated always as identity,
  name text not null,
  constraint destination_name_key UNIQUE (name),
  constraint destination_pkey PRIMARY KEY (no)
);

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
  constraint entry_kind CHECK (kind = ANY (ARRAY['u'::"char", 'r'::"char", 'v'::"char", 'p'::"char"])),
  constraint entry_only_metered_is_charged CHECK (kind <> 'u'::"char" OR coverage = 'm'::"char" OR charge = 0),
  constraint entry_reversal_has_no_coverage CHECK ((kind = 'v'::"char") = (coverage IS NULL)),
  constraint entry_usage_corrects_nothing CHECK ((kind = 'u'::"char") = (coverage_before IS NULL)),
  constraint entry_usage_holds_the_call CHECK ((kind = 'u'::"char") = (cdr IS NOT NULL))
) partition by LIST (period);
CREATE TRIGGER entry_is_append_only BEFORE DELETE OR UPDATE ON public.entry FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER entry_is_never_truncated BEFORE TRUNCATE ON public.entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

table head (
  bucket smallint not null,
  position bigint not null default 0,
  facts bigint not null default 0,
  constraint head_pkey PRIMARY KEY (bucket)
);

table line (
  no integer not null generated always as identity,
  account integer not null,
  bucket smallint not null,
  id text not null,
  constraint line_account_fkey FOREIGN KEY (account) REFERENCES account(no),
  constraint line_id_key UNIQUE (id),
  constraint line_pkey PRIMARY KEY (no)
);

table line_device (
  bucket smallint not null,
  line integer not null,
  user_agent text not null,
  valid_from timestamp with time zone not null,
  valid_to timestamp with time zone,
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
  constraint line_fact_line_fkey FOREIGN KEY (line) REFERENCES line(no),
  constraint line_fact_mobility CHECK (mobility = ANY (ARRAY['off'::text, 'used'::text, 'unknown'::text])),
  constraint line_fact_pkey PRIMARY KEY (bucket, line, valid_from),
  constraint line_fact_usage_class CHECK (usage_class = ANY (ARRAY['residential'::text, 'business'::text, 'carrier'::text, 'phone-shop'::text, 'telemarketing'::text, 'phoning'::text, 'call-centre'::text, 'prepaid-cards'::text, 'voice-services'::text]))
);

table line_network (
  bucket smallint not null,
  line integer not null,
  cidr text not null,
  valid_from timestamp with time zone not null,
  valid_to timestamp with time zone,
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

table numbering_plan (
  no integer not null generated always as identity,
  version text not null,
  added_at timestamp with time zone not null default now(),
  constraint numbering_plan_pkey PRIMARY KEY (no),
  constraint numbering_plan_version_key UNIQUE (version)
);

table offer (
  no integer not null generated always as identity,
  id text not null,
  version text not null,
  document jsonb not null,
  added_at timestamp with time zone not null default now(),
  constraint offer_pkey PRIMARY KEY (no),
  constraint offer_version_key UNIQUE (version)
);

table outbox (
  bucket smallint not null,
  no bigint not null generated always as identity,
  type text not null,
  line integer not null,
  period integer,
  happened_at timestamp with time zone not null default now(),
  data json not null,
  constraint outbox_cases_have_a_period CHECK ((type ~~ 'case.%'::text) = (period IS NOT NULL)),
  constraint outbox_pkey PRIMARY KEY (bucket, no),
  constraint outbox_type CHECK (type = ANY (ARRAY['case.opened'::text, 'case.decided'::text, 'case.withdrawn'::text, 'line.unlimited-suspended'::text, 'line.unlimited-reinstated'::text]))
);
CREATE TRIGGER outbox_is_append_only BEFORE DELETE OR UPDATE ON public.outbox FOR EACH ROW EXECUTE FUNCTION refuse_change();

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
  constraint quarantine_pkey PRIMARY KEY (no),
  constraint quarantine_state CHECK (state = ANY (ARRAY['waiting'::text, 'rated'::text, 'superseded'::text, 'no-call'::text]))
);
CREATE INDEX quarantine_call ON public.quarantine USING btree (call_key) WHERE (call_key IS NOT NULL);
CREATE INDEX quarantine_identity ON public.quarantine USING btree (identity) WHERE (identity IS NOT NULL);
CREATE INDEX quarantine_no_call ON public.quarantine USING btree (identity) WHERE (state = 'no-call'::text);
CREATE INDEX quarantine_stale ON public.quarantine USING btree (no) WHERE is_stale;
CREATE INDEX quarantine_waiting ON public.quarantine USING btree (reason) WHERE (state = 'waiting'::text);
CREATE INDEX quarantine_waits_for ON public.quarantine USING gin (waits_for) WHERE (state <> 'rated'::text);
CREATE UNIQUE INDEX quarantine_once ON public.quarantine USING btree (record_key) WHERE (state <> 'rated'::text);

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

table relay_cursor (
  feed text not null,
  bucket smallint not null,
  position bigint not null default 0,
  constraint relay_cursor_pkey PRIMARY KEY (feed, bucket)
);

table shared_hash (
  identity bigint not null,
  hash bigint not null,
  call_key bytea not null,
  constraint shared_hash_call UNIQUE (call_key),
  constraint shared_hash_pkey PRIMARY KEY (identity)
);
CREATE INDEX shared_hash_hash ON public.shared_hash USING btree (hash);
CREATE TRIGGER shared_hash_is_append_only BEFORE DELETE OR UPDATE ON public.shared_hash FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER shared_hash_is_never_truncated BEFORE TRUNCATE ON public.shared_hash FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

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
  constraint source_move_pkey PRIMARY KEY (no)
);
CREATE TRIGGER source_move_is_append_only BEFORE DELETE OR UPDATE ON public.source_move FOR EACH ROW EXECUTE FUNCTION refuse_change();

table source_position (
  source text not null,
  partition integer not null default 0,
  position bigint not null,
  prefix_hash text,
  constraint source_position_pkey PRIMARY KEY (source, partition)
);

table stale_line (
  bucket smallint not null,
  line integer not null,
  constraint stale_line_line_fkey FOREIGN KEY (line) REFERENCES line(no),
  constraint stale_line_pkey PRIMARY KEY (bucket, line)
);

table unresolved_party (
  party text not null,
  bucket smallint not null,
  line integer not null,
  constraint unresolved_party_line_fkey FOREIGN KEY (line) REFERENCES line(no),
  constraint unresolved_party_pkey PRIMARY KEY (party, bucket, line)
);

table watched_hash (
  bucket smallint not null,
  hash bigint not null,
  constraint watched_hash_pkey PRIMARY KEY (bucket, hash)
);

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

CREATE OR REPLACE FUNCTION public.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'Cannot % rows of %: it is append-only', lower(tg_op), tg_table_name using errcode = 'restrict_violation';
end $function$
