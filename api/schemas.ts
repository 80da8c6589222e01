import { z } from 'zod';

/** Shapes that several routes have. */
export const period = z
  .string()
  .regex(/^\d{4}-(0[1-9]|1[0-2])$/, `it is no month such as '2026-11'`)
  .meta({ description: 'A calendar month of civil time', example: '2026-11' });

export const instant = z
  .string()
  .regex(
    /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/,
    `it is no instant such as '2026-11-03T09:15:00.000Z'`,
  )
  .meta({ description: 'An instant, UTC', example: '2026-11-03T09:15:00.000Z' });

const dayOrInstant = z.union([z.iso.date(), z.iso.datetime({ offset: true })]);

/**
 * An instant as whoever asks writes it, the same everywhere: with its offset from UTC, or a day, which is its
 * beginning. The route has `readInstant` read it.
 */
export const givenInstant = z
  .string()
  .refine(
    (text) => dayOrInstant.safeParse(text).success,
    `it is no day such as '2026-11-03', and no instant with an offset, such as '2026-11-03T10:15:00+01:00'`,
  )
  .meta({
    anyOf: [{ format: 'date-time' }, { format: 'date' }],
    description: 'An instant with its offset from UTC, or a day, which begins in the time zone of the ledger',
    example: '2026-11-20T08:00:00+01:00',
  });

export const money = z
  .string()
  .regex(/^-?\d+\.\d{6}$/)
  .meta({ description: 'Decimal money excluding tax, in `currency`', example: '12.500000' });

export const currency = z.string().length(3).meta({ description: 'ISO 4217', example: 'EUR' });

export const count = z.int().min(0);

export const id = z.string().min(1).max(200);

export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    remedy: z.string().optional(),
    values: z.record(z.string(), z.string()).optional(),
    errors: z.array(z.object({ code: z.string(), detail: z.string(), pointer: z.string().optional() })).optional(),
    current: z.record(z.string(), z.unknown()).optional().meta({
      description: 'Of 412: what is there now, as reading gives it, unless nothing is',
    }),
  })
  .meta({ id: 'Problem', description: 'RFC 9457' });

/** The answers that are problems, as a route documents them. */
export function problems(...statuses: readonly number[]): Record<number, object> {
  return Object.fromEntries(
    [401, 403, 503, ...statuses].map((status) => [
      status,
      { description: 'A problem', content: { 'application/problem+json': { schema: problem } } },
    ]),
  );
}

/** An answer in JSON, which `Accept: text/csv` has as rows. */
export function orCsv<T extends z.ZodType>(schema: T, rows: string) {
  const csv = z.string().meta({ description: rows });
  return { description: 'Default Response', content: { 'application/json': { schema }, 'text/csv': { schema: csv } } };
}

/** Micros of a currency as decimal text with six digits. */
export function moneyText(micros: number): string {
  const whole = Math.trunc(Math.abs(micros) / 1_000_000);
  const sign = micros < 0 ? '-' : '';
  return `${sign}${whole}.${String(Math.abs(micros) % 1_000_000).padStart(6, '0')}`;
}

/** ms since the epoch as ISO 8601, UTC. */
export function instantText(ms: number): string {
  return new Date(ms).toISOString();
}
