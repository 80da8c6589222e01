/**
 * The roles that work with a ledger, besides its owner. A role is named `‹prefix›_‹kind›`, e.g. `fairtally_rater`.
 *
 * - `rater`: what a batch does: `worker`, `rate`, `quarantine replay` and `sweep`.
 * - `operator`: the same, and what people enter and decide: `lines`, `decks` and `offers import`, `decide`,
 *   `periods`, `topics move`, `holes settle`, `restored`.
 * - `relay`: reads what is told, and writes how far it was told.
 * - `reader`: reads.
 */
export const ROLE_KINDS = ['rater', 'operator', 'relay', 'reader'] as const;
export type RoleKind = (typeof ROLE_KINDS)[number];

/**
 * What a role may do to a table: `all`, or the columns to which it is limited. Rights that are left out are not
 * given.
 */
export interface Rights {
  readonly select?: 'all';
  readonly insert?: 'all' | readonly string[];
  readonly update?: 'all' | readonly string[];
  readonly delete?: 'all';
}

/** One table: what the rater may do besides reading, what the operator may beyond that, and what a relay may. */
interface TableRights {
  readonly rater?: Omit<Rights, 'select'>;
  readonly operator?: Omit<Rights, 'select'>;
  readonly relay?: Rights;
}

const ADDS = { insert: 'all' } as const;
const READS = { select: 'all' } as const;
const REPLACES = { insert: 'all', delete: 'all' } as const;

/**
 * Every table and view of the ledger. The reader, the rater and the operator read all of them. Months of `entry` have
 * no line: whoever may use the table reaches them by it, and nobody reaches them past it.
 */
const TABLES: Readonly<Record<string, TableRights>> = {
  migration: { relay: READS },
  numbering_plan: { operator: ADDS },
  number_repair: { operator: ADDS },
  offer: { operator: { insert: 'all', update: ['added_at'] }, relay: READS },
  rate_deck: { operator: { insert: 'all', update: ['added_at'] }, relay: READS },
  deck_schedule: { operator: ADDS },
  period_move: { operator: ADDS },
  period_close: { operator: ADDS },
  closed_breach: { operator: ADDS },
  destination: { rater: ADDS, relay: READS },
  account: { operator: { insert: 'all', update: ['name'] }, relay: READS },
  line: { operator: ADDS, relay: READS },
  account_change: { operator: ADDS },
  line_change: { operator: ADDS },
  line_fact: { operator: REPLACES },
  line_device: { operator: REPLACES },
  line_network: { operator: REPLACES },
  head: { rater: { update: ['position', 'facts', 'chain'] }, relay: READS },
  stale_line: { rater: REPLACES },
  call_leg: { rater: ADDS },
  leg_head: { rater: { update: ['version'] } },
  registration: { rater: { insert: 'all', update: ['events'] } },
  registered_line: { rater: { insert: 'all', update: ['last_start'] } },
  unresolved_party: { rater: ADDS },
  source_position: {
    rater: { insert: 'all', update: ['position', 'prefix_hash', 'topic_id', 'taken', 'empty'] },
    // As the rater, and by hand.
    operator: {
      insert: 'all',
      update: ['position', 'prefix_hash', 'topic_id', 'taken', 'empty', 'moved_by', 'moves', 'settled'],
    },
  },
  source_count: { rater: { insert: 'all', update: ['records'] } },
  source_move: { operator: ADDS },
  hole_settlement: { operator: ADDS },
  entry: { rater: ADDS, relay: READS },
  posting: { rater: ADDS },
  call_stretch: { rater: ADDS },
  // The owner's alone: written once, by the migration that made it.
  proof_start: {},
  quarantine: {
    rater: { insert: 'all', update: ['reason', 'detail', 'state', 'waits_for', 'is_stale', 'waits_month', 'arrivals'] },
  },
  unread_arrival: { rater: { insert: 'all', update: ['arrivals', 'is_reread'] } },
  start_acceptance: { operator: ADDS },
  quarantine_write_off: { operator: ADDS },
  billed_call: { rater: ADDS },
  shared_hash: { rater: ADDS },
  watched_hash: { rater: ADDS },
  breach: { rater: { insert: 'all', update: ['state', 'breach_from', 'evidence'] } },
  case_file: { rater: { insert: 'all', update: ['state', 'last_verdict', 'at_stake', 'at_stake_calls'] } },
  // The database numbers them: a relay that was told of a number too high would pass over what is yet to come.
  case_event: { rater: { insert: ['bucket', 'line', 'period', 'condition', 'event', 'evidence'] } },
  api_key: { operator: { insert: 'all', update: ['used_at', 'revoked_by', 'revoked_at'] } },
  idempotency_key: {
    operator: {
      insert: 'all',
      update: ['begun_at', 'request', 'status', 'headers', 'answer', 'answered_at'],
      delete: 'all',
    },
  },
  case_act: { operator: ADDS },
  saved_view: { operator: ADDS },
  feed_consumer: {
    operator: {
      insert: 'all',
      update: ['cursor', 'life', 'positions', 'reported_by', 'reported_at'],
      delete: 'all',
    },
  },
  audit_record: { operator: ADDS },
  webhook_endpoint: {
    operator: {
      insert: 'all',
      update: ['generation', 'rotated_at', 'disabled_at', 'disabled_why', 'positions', 'held_until'],
    },
  },
  webhook_delivery: {
    operator: { insert: 'all', update: ['state', 'attempts', 'status', 'fault', 'tried_at', 'next_at'] },
  },
  copy_start: { rater: ADDS },
  decision: { operator: ADDS },
  retroactive_change: { operator: ADDS },
  line_suspension: {
    rater: { insert: 'all', update: ['suspended_from', 'suspended_to', 'holds'], delete: 'all' },
  },
  outbox: { rater: { insert: ['bucket', 'type', 'line', 'period', 'data'] }, relay: READS },
  ledger_life: { operator: ADDS, relay: READS },
  ledger_life_start: { operator: ADDS, relay: READS },
  ledger_home: {
    operator: {
      insert: 'all',
      update: ['cluster', 'timeline', 'database', 'settled_at', 'settlements', 'settled_by', 'note'],
    },
    relay: READS,
  },
  relayed_life: { relay: { select: 'all', insert: 'all' } },
  relay_cursor: { relay: { select: 'all', insert: 'all', update: ['position'] } },
  ledger_entry: {},
};

/** Functions that roles call themselves, by signature, where the ledger has them. Nobody else may. */
export const FUNCTIONS: Readonly<Record<string, readonly RoleKind[]>> = {
  // Makes the partition of a month, with the rights of the tables' owner.
  'ensure_entry_month(integer)': ['rater', 'operator'],
  'has_entry_month(integer)': ['rater', 'operator', 'relay', 'reader'],
  // The owner's alone.
  'make_entry_month(integer)': [],
};

/** Functions that triggers call: they belong to the owner, and need no right. */
export const TRIGGER_FUNCTIONS: readonly string[] = [
  'refuse_change()',
  'refuse_number_of_two_lines()',
  'refuse_cursor_ahead()',
  'refuse_other_events()',
  'refuse_move_of_closed_period()',
];

/** Names of the tables and views that rights are given on. */
export const TABLE_NAMES: readonly string[] = Object.keys(TABLES);

/** What a role may do to a table or view of `TABLE_NAMES`. */
export function rightsOn(table: string, kind: RoleKind): Rights {
  const { rater = {}, operator = {}, relay = {} } = TABLES[table] ?? {};
  switch (kind) {
    case 'rater':
      return { ...READS, ...rater };
    case 'operator':
      return { ...READS, ...rater, ...operator };
    case 'relay':
      return relay;
    case 'reader':
      return READS;
    default:
      return kind satisfies never;
  }
}
