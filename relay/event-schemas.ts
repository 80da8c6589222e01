import { z } from 'zod';
import { caseData, lineIds, moneyText, reinstatedData, suspendedData } from '../engine/index.ts';

const period = z.string().regex(/^\d{4}-\d{2}$/);
const coverage = z.enum(['included', 'metered', 'free']);

/** What every event on an entry says: the row of the view `ledger_entry`. */
const entry = {
  ...lineIds,
  bucket: z.int().min(0).max(63).describe('Which of the 64 feeds'),
  position: z.int().min(1).describe('Feed position: gapless in the bucket, in the order of commits'),
  call: z
    .string()
    .regex(/^[0-9a-f]{16}$/)
    .describe(
      'Which call of the account: a hash of its switch, id and leg, or another number where a call has that hash already',
    ),
  revision: z.int().min(0).describe('0 for the first entry of a call; correction n corrects revision n - 1'),
  kind: z.enum(['usage', 'rerate', 'reversal', 'reprice']),
  period: period.describe('Month that the call belongs to, by its start'),
  billedPeriod: period.describe('Month in which the entry is billed'),
  startedAt: z.iso.datetime().describe('The instant of answer, UTC'),
  durationMs: z.int().min(0).describe('Talk time'),
  called: z
    .string()
    .regex(/^\+?\d+$/)
    .describe('E.164 with +, or a short code'),
  destination: z.string(),
  coverage: coverage.nullable().describe('null: the call is billed no more here'),
  reason: z.string().describe('Why it says so: docs/reference/reasons.md'),
  billedSeconds: z.int().min(0),
  charge: moneyText.describe('What the entry adds to the charge of the call; the charge is the sum of its entries'),
  meteredPrice: moneyText.describe('What the call costs by the minute, whatever its coverage'),
  currency: z.string(),
  rateDeck: z.string().describe('name@version'),
  offer: z.string().nullable().describe('Version of the offer; null: the line has none'),
};

const ratedData = z.strictObject({
  ...entry,
  kind: z.literal('usage'),
  coverage,
  record: z
    .looseObject({ v: z.int() })
    .nullable()
    .describe('The record that was rated, in canonical form (docs/reference/cdr-formats.md); null: over 400 kB'),
});

const correctedData = z.strictObject({
  ...entry,
  kind: z.enum(['rerate', 'reversal', 'reprice']),
  revision: z.int().min(1),
  corrects: z.strictObject({
    revision: z.int().min(0),
    coverage: coverage.nullable().describe('What the corrected entry said'),
  }),
});

const ledgerId = z.uuid();

/**
 * What readers must drop after a copy of the ledger was restored: it is published before anything else of the new
 * life.
 */
const restoredData = z.strictObject({
  ledger: ledgerId.describe("The ledger's life from now on: events name it in `source`"),
  before: ledgerId.describe('The life before'),
  buckets: z
    .array(
      z.strictObject({
        bucket: z.int().min(0).max(63),
        position: z.int().min(0).describe('Usage of the life before at later positions is not in the ledger: drop it'),
        event: z.int().min(0).describe('Events of the life before with later numbers are not in the ledger: drop them'),
      }),
    )
    .describe('Of each bucket, where the life before ended'),
});

/** The data of each type of event: what it carries, and what `docs/reference/schemas` is made of. */
export const EVENT_SCHEMAS = {
  'usage.rated': ratedData,
  'usage.corrected': correctedData,
  'case.opened': caseData,
  'case.decided': caseData,
  'case.withdrawn': caseData,
  'line.unlimited-suspended': suspendedData,
  'line.unlimited-reinstated': reinstatedData,
  'ledger.restored': restoredData,
} as const;

export type RelayedType = keyof typeof EVENT_SCHEMAS;
