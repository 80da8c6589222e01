import { z } from 'zod';
import { count, givenInstant, id, instant } from '../schemas.ts';

/** Shapes of accounts and lines, as they are given and as they are read. */
const usageClass = z.enum([
  'residential',
  'business',
  'carrier',
  'phone-shop',
  'telemarketing',
  'phoning',
  'call-centre',
  'prepaid-cards',
  'voice-services',
]);
const mobility = z.enum(['off', 'used', 'unknown']);
const equipment = z.enum(['managed', 'customer-pbx', 'customer-gateway', 'unknown']);

/** One line of text: what is entered goes the way of an import. */
const text = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\r\n\0]*$/, 'it has more than one line');
const when = text.meta({
  description: 'An instant with its offset, or a day, which begins in the zone of the offers',
  example: '2026-11-01T00:00:00+01:00',
});
const e164 = z
  .string()
  .regex(/^\+[1-9]\d{6,14}$/, 'it is not E.164, a plus and 7 to 15 digits')
  .meta({ example: '+33140000001' });
const span = { from: when, to: when.nullish() };

const facts = {
  number: e164.nullish(),
  offer: text.nullish(),
  usageClass,
  mobility: mobility.optional(),
  equipment: equipment.optional(),
};

export const note = z.string().max(2_000).optional().meta({ description: 'Why; kept with the change' });

export const lineBody = {
  account: text,
  spans: z
    .array(z.strictObject({ ...span, ...facts }))
    .min(1)
    .max(1_000),
  devices: z
    .array(z.strictObject({ ...span, userAgent: text }))
    .max(1_000)
    .optional(),
  networks: z
    .array(z.strictObject({ ...span, cidr: text }))
    .max(1_000)
    .optional(),
};

export const givenAccount = z.strictObject({
  id: text,
  name: z
    .string()
    .max(200)
    .regex(/^[^\r\n\0]*$/, 'it has more than one line'),
});
export const givenLine = z.strictObject({ id: text, ...lineBody });

const changed = z.strictObject({
  from: givenInstant.meta({
    description:
      'From when on, up to where what is in force then ends: what was entered for later stays as it is. An instant ' +
      'with its offset from UTC, or a day, which begins in the time zone of the ledger',
  }),
  number: e164.nullable().optional(),
  offer: text.nullable().optional(),
  usageClass: usageClass.optional(),
  mobility: mobility.optional(),
  equipment: equipment.optional(),
  devices: z.array(text).max(1_000).optional().meta({
    description: 'The user agents of all its managed phones from then on: others end then',
  }),
  networks: z.array(text).max(1_000).optional().meta({
    description: 'All networks of its sites from then on, as CIDR: others end then',
  }),
  ends: z.literal(true).optional().meta({ description: 'The line ends then, and nothing else changes' }),
  note,
});
export const lineChange = changed
  .refine((change) => change.ends === true || namesFacts(change), {
    message: 'it names no fact that changes, such as `offer`, nor `ends`',
  })
  .refine((change) => change.ends !== true || !namesFacts(change), {
    message: 'a line that ends has no facts from then on: leave them out, or `ends`',
  });

function namesFacts(change: Readonly<Record<string, unknown>>): boolean {
  return [...Object.keys(facts), 'devices', 'networks'].some((name) => change[name] !== undefined);
}

const readSpan = { from: instant, to: instant.nullable() };
const number = z.strictObject({ e164: z.string().nullable(), shown: z.string() }).meta({ id: 'Number' });

export const line = z
  .strictObject({
    id,
    account: id,
    spans: z.array(
      z.strictObject({
        ...readSpan,
        number: number.nullable(),
        offer: id.nullable(),
        usageClass,
        mobility,
        equipment,
      }),
    ),
    devices: z.array(z.strictObject({ ...readSpan, userAgent: z.string() })),
    networks: z.array(z.strictObject({ ...readSpan, cidr: z.string() })),
  })
  .meta({ id: 'Line', description: 'A line with all its dated facts: none is ever lost but by a change, see history' });

export const account = z.strictObject({ id, name: z.string(), lines: count }).meta({ id: 'Account' });

export const stored = z
  .strictObject({
    accounts: z.strictObject({ new: z.array(id), renamed: z.array(id) }),
    lines: z.strictObject({ changed: z.array(id) }),
    reachesBack: z
      .strictObject({ from: instant, calls: count })
      .nullable()
      .meta({ description: 'Calls rated before that the change may charge otherwise: they are judged again' }),
  })
  .meta({ id: 'LinesStored' });

export const page = {
  after: id.optional().meta({ description: '`next` of the page before' }),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
};
