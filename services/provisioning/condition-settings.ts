import { z } from 'zod';
import {
  type ConditionId,
  type OfferCondition,
  callLength,
  conversationalUse,
  distinctNumbers,
  equipment,
  forwarding,
  monthlyMinutes,
  sipMobility,
  usageClass,
} from '../../rules/index.ts';

const includedClass = z.enum(['national-fixed', 'national-mobile', 'international']);

const effect = z.strictObject({
  mode: z.enum(['automatic', 'review']),
  rerate: z.strictObject({
    scope: z.enum(['call', 'from-breach', 'period']),
    classes: z.array(includedClass).readonly(),
  }),
  suspension: z.enum(['none', 'period', 'until-reinstated']),
  opensCase: z.boolean(),
});

const atLeast = (minimum: number) => z.int().min(minimum);

/** More minutes than a month has. */
const MAX_MINUTES = 31 * 24 * 60;
const minutes = atLeast(1).max(MAX_MINUTES);

/** A setting of which the other choice that people ask for is refused in words, as long as nobody has made it. */
function only<const Value extends string>(value: Value, others: Readonly<Record<string, string>>) {
  return z.custom<Value>((input) => input === value, {
    error: ({ input }) => {
      const why = typeof input === 'string' && Object.hasOwn(others, input) ? `: ${others[input]}` : '';
      return `must be '${value}'${why}`;
    },
  });
}

/** The shape of each condition's settings, as an offer's document has them: one that is missing does not compile. */
const CONDITIONS_IN_OFFER = {
  [distinctNumbers.id]: inOffer(
    distinctNumbers.id,
    z.strictObject({
      maxNumbers: atLeast(1),
      scope: only('line', {
        account: 'numbers are counted for each line alone; counting them per account is not supported yet',
      }).optional(),
    }),
  ),
  [forwarding.id]: inOffer(forwarding.id, z.strictObject({})),
  [sipMobility.id]: inOffer(sipMobility.id, z.strictObject({})),
  [equipment.id]: inOffer(
    equipment.id,
    z.strictObject({
      pbxUserAgents: z
        .array(
          z
            .string()
            .min(1)
            .refine((text) => text === text.toLowerCase(), 'must be lower case: user agents are compared so'),
        )
        .readonly(),
    }),
  ),
  [usageClass.id]: inOffer(
    usageClass.id,
    z.strictObject({
      excludedClasses: z
        .array(
          z.enum([
            'residential',
            'business',
            'carrier',
            'phone-shop',
            'telemarketing',
            'phoning',
            'call-centre',
            'prepaid-cards',
            'voice-services',
          ]),
        )
        .readonly(),
    }),
  ),
  [conversationalUse.id]: inOffer(
    conversationalUse.id,
    z.strictObject({
      minCalls: atLeast(1),
      shortMs: atLeast(0),
      maxShortCallsPerMille: atLeast(0).max(1000),
      maxConcurrentCalls: atLeast(1),
      maxSequentialNumbers: atLeast(1),
      maxHoursOfDay: atLeast(1).max(24),
      maxNumbersInRange: atLeast(1),
    }),
  ),
  [callLength.id]: inOffer(
    callLength.id,
    z.strictObject({
      maxMinutes: minutes,
      metered: only('whole-call', {
        'rest-of-call': 'a long call is metered whole; metering only what goes beyond is not supported yet',
      }),
    }),
  ),
  [monthlyMinutes.id]: inOffer(
    monthlyMinutes.id,
    z.strictObject({
      maxMinutes: minutes,
      crossingCall: only('whole-call', {
        'rest-of-call': 'the call that crosses is metered whole; splitting it is not supported yet',
      }),
    }),
  ),
} satisfies { readonly [Id in ConditionId]: z.ZodType<Extract<OfferCondition, { readonly id: Id }>> };

function inOffer<const Id extends ConditionId, Settings extends z.ZodType>(id: Id, settings: Settings) {
  return z.strictObject({ id: z.literal(id), settings, effect });
}

const [first, ...others] = Object.values(CONDITIONS_IN_OFFER);

/** One condition of an offer's document, told by its id. */
export const conditionInOffer = z.discriminatedUnion('id', [first!, ...others]);
