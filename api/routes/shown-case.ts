import { z } from 'zod';
import { currency, id, instant, money, period } from '../schemas.ts';

const count = z.int().min(0);
const coverage = z.enum(['included', 'metered', 'free']);
const decisionKind = z.enum(['confirm', 'dismiss', 'reinstate', 'reopen']);

const takenDecision = z.strictObject({
  kind: z.string(),
  effectiveAt: instant.nullable(),
  by: z.string(),
  note: z.string(),
  decidedAt: instant.nullable(),
});

const breach = z.strictObject({
  condition: id,
  since: instant,
  isFound: z.boolean(),
  decision: z.string().nullable(),
  decisions: z.array(takenDecision),
  status: z.enum(['in-force', 'undecided', 'confirmed', 'dismissed', 'reinstated']),
  inForce: z.strictObject({ from: instant.nullable(), to: instant.nullable() }).nullable(),
  reinstatedBy: z.string().nullable(),
  reinstatement: takenDecision.extend({ period }).nullable(),
  words: z.string(),
  meteredCalls: count,
  meteredCharge: money,
  evidence: z.unknown().meta({
    description:
      'What shows the breach: its shape is of the condition; `startedAt` and `breachFrom` in it are ms since the epoch',
  }),
});

const summary = z.strictObject({
  line: id,
  account: id,
  accountName: z.string(),
  case: z.enum(['open', 'decided', 'withdrawn']).nullable(),
  includedCalls: count,
  includedPrice: money,
  atStakeCalls: count,
  atStake: money,
  meteredCalls: count,
  meteredCharge: money,
  reratedCalls: count,
  reratedCharge: money,
  distinctNumbers: count,
  breaches: z.array(breach),
  heldByEarlierMonths: z.array(z.strictObject({ condition: id, period, meteredCalls: count, meteredCharge: money })),
});

export const effect = z.strictObject({
  calls: count,
  charge: money,
  changes: z.array(
    z.strictObject({
      period,
      destination: z.string(),
      before: coverage,
      after: coverage,
      calls: z.int(),
      billedSeconds: z.int(),
      meteredPrice: money,
      charge: money,
    }),
  ),
});

const seen = z.strictObject({ value: z.string().nullable(), calls: count, firstAt: instant, lastAt: instant });

/** All there is to see of a case, before it is decided on. */
export const shownCase = z
  .strictObject({
    v: z.literal(1),
    period,
    timeZone: z.string(),
    currency,
    isStale: z.boolean().meta({ description: 'Facts entered since are not judged yet' }),
    assignee: z.string().nullable().meta({ description: 'Who has it' }),
    snoozedUntil: instant.nullable(),
    summary,
    days: z.array(z.strictObject({ day: z.iso.date(), calls: count, newNumbers: count, distinctNumbers: count })),
    limits: z.array(
      z.strictObject({
        condition: id,
        most: count,
        crossing: z.strictObject({ day: z.iso.date(), startedAt: instant, call: z.string() }).nullable(),
      }),
    ),
    destinations: z.array(
      z.strictObject({
        destination: z.string(),
        coverage,
        calls: count,
        billedSeconds: count,
        charge: money,
        meteredPrice: money,
      }),
    ),
    hours: z.array(z.strictObject({ hour: z.int(), calls: count, billedSeconds: count })),
    numbersCalled: count,
    callersOf: z.enum(['account', 'ledger']),
    numbers: z.array(
      z.strictObject({
        number: z.string(),
        destination: z.string(),
        calls: count,
        billedSeconds: count,
        otherLines: z.array(z.strictObject({ line: id, account: id, calls: count })),
        meteredPrice: money,
      }),
    ),
    devices: z.array(seen),
    networks: z.array(seen),
    outcomes: z.array(z.strictObject({ condition: id.nullable(), decision: decisionKind, effect })),
    history: z.strictObject({
      verdicts: z.array(z.strictObject({ condition: id, event: z.string() })),
      corrections: z.array(
        z.strictObject({
          cause: z.string().nullable(),
          kind: z.string(),
          before: coverage.nullable(),
          after: coverage.nullable(),
          reason: z.string(),
          calls: count,
          postedAt: instant.nullable(),
          charge: money,
        }),
      ),
      acts: z.array(
        z.strictObject({
          kind: z.enum(['assign', 'note', 'snooze']),
          by: z.string(),
          at: instant,
          note: z.string(),
          assignee: z.string().nullable().optional(),
          until: instant.nullable().optional(),
        }),
      ),
    }),
  })
  .meta({ id: 'Case' });

export type ShownCase = z.output<typeof shownCase>;
