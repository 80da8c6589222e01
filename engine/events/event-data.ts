import { z } from 'zod';
import { DECISION_KINDS } from '../../rater/index.ts';
import {
  conversationalUse,
  distinctNumbers,
  equipment,
  monthlyMinutes,
  sipMobility,
  usageClass,
} from '../../rules/index.ts';

/*
 * What events carry, one schema a type: `docs/reference/schemas` is made of them, and `docs/reference/events.md` says
 * what they mean. Fields may be added; none is taken away or changes its meaning without another type of event.
 */

const instant = z.iso.datetime().describe('Instant, ISO 8601, UTC');
const period = z
  .string()
  .regex(/^\d{4}-\d{2}$/)
  .describe('Month of the calls, civil time of the offer: 2026-11');
const number = z
  .string()
  .regex(/^\+?\d+$/)
  .describe('E.164 with +, or a short code');
/** Money is text, so that no reader makes a binary fraction of it. */
export const moneyText = z
  .string()
  .regex(/^-?\d+\.\d{6}$/)
  .describe('Exact decimal, excluding tax');

export const lineIds = {
  line: z.string().describe('Id of the line'),
  account: z.string().describe('Id of the account that the line belongs to'),
};

const call = {
  switch: z.string(),
  call: z.string(),
  leg: z.string(),
  startedAt: instant,
};
const callTo = z.strictObject({ ...call, called: number });
const firstCall = z.strictObject(call);

const breachFrom = instant.describe('Start of the first call that breaks the condition');
const registeredAt = instant.describe('When the registration was made that told what the record of the call does not');
const breach = z.discriminatedUnion('condition', [
  z.strictObject({
    condition: z.literal(distinctNumbers.id),
    breachFrom,
    evidence: z.strictObject({
      maxNumbers: z.int(),
      crossing: callTo.describe('The call that crossed the limit'),
      numbers: z.array(callTo).describe('The first call to each number, up to the one too many'),
    }),
  }),
  z.strictObject({
    condition: z.literal(sipMobility.id),
    breachFrom,
    evidence: z.strictObject({
      why: z.enum(['provisioning', 'switch', 'foreign-device-and-network']),
      firstCall,
      userAgent: z.string().nullable(),
      sourceIp: z.string().nullable(),
      registeredAt: registeredAt.optional(),
    }),
  }),
  z.strictObject({
    condition: z.literal(equipment.id),
    breachFrom,
    evidence: z.strictObject({
      why: z.enum(['provisioning', 'user-agent']),
      firstCall,
      userAgent: z.string().nullable(),
      registeredAt: registeredAt.optional(),
    }),
  }),
  z.strictObject({
    condition: z.literal(usageClass.id),
    breachFrom,
    evidence: z.strictObject({ usageClass: z.string(), firstCall }),
  }),
  z.strictObject({
    condition: z.literal(conversationalUse.id),
    breachFrom,
    evidence: z.strictObject({
      measures: z.array(
        z.strictObject({
          id: z.enum(['short-calls', 'concurrent-calls', 'sequential-numbers', 'all-hours', 'number-range']),
          value: z.int().describe('short-calls in per mille'),
          max: z.int(),
        }),
      ),
    }),
  }),
  z.strictObject({
    condition: z.literal(monthlyMinutes.id),
    breachFrom,
    evidence: z.strictObject({
      maxMinutes: z.int(),
      seconds: z.int().describe('Included seconds called in the month, with the call that crossed'),
      crossing: callTo.describe('The call that crossed the limit'),
    }),
  }),
]);

const condition = z.string().describe('Id of the condition: docs/reference/reasons.md');
const decision = z.strictObject({
  condition,
  period,
  decision: z.enum(DECISION_KINDS),
  effectiveAt: instant.describe('Of a reinstatement: calls that start from here on are included'),
  by: z.string(),
  note: z.string(),
  decidedAt: instant.nullable().optional().describe('When it was taken; null or absent: before the ledger kept that'),
});

/** `case.opened`, `case.decided`, `case.withdrawn`. */
export const caseData = z.strictObject({
  ...lineIds,
  period,
  breaches: z.array(breach).describe('Those that stand; of case.withdrawn: those that stand no more'),
  decisions: z.array(decision).describe('Every decision on the line in the period, in order'),
  includedCalls: z.int().describe('Calls of the line in the period that are included now'),
  includedPrice: moneyText.describe('What those calls cost by the minute: the most that confirming can charge'),
  currency: z.string(),
});

const hold = { condition, period: period.describe('Month of the breach') };

/** `line.unlimited-suspended`: the whole of what is told before it is void. */
export const suspendedData = z.strictObject({
  ...lineIds,
  from: instant.describe('Calls that start from here on are metered'),
  until: instant.nullable().describe('Calls that start from here on are included again; null: until reinstated'),
  holds: z
    .array(
      z.strictObject({
        ...hold,
        from: instant,
        until: instant.nullable(),
        classes: z.array(z.enum(['national-fixed', 'national-mobile', 'international'])),
        confirmedBy: decision.nullable().describe('null: the condition took effect by itself'),
      }),
    )
    .describe('What holds the line, by start'),
});

/** `line.unlimited-reinstated`. */
export const reinstatedData = z.strictObject({
  ...lineIds,
  from: instant.describe('Calls that start from here on are included again'),
  lifted: z.array(
    z.strictObject({
      ...hold,
      why: z.enum(['reinstated', 'dismissed', 'withdrawn']).describe('withdrawn: facts that came later undid it'),
      decision: decision.nullable().describe('The decision that lifted it; null when facts did'),
    }),
  ),
});

/** The line and account of an event, and its month, are added as it is told. */
export type StoredCaseData = Omit<z.infer<typeof caseData>, 'line' | 'account' | 'period'>;
export type StoredSuspendedData = Omit<z.infer<typeof suspendedData>, 'line' | 'account'>;
export type StoredReinstatedData = Omit<z.infer<typeof reinstatedData>, 'line' | 'account'>;
export type BreachData = z.infer<typeof breach>;
export type DecisionData = z.infer<typeof decision>;
