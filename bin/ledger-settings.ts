import { z } from 'zod';
import { DEFAULT_SESSION, passwordVariable, ROLE_KINDS, type SessionSettings } from '../ledger/index.ts';

const MOST_SECONDS = 7 * 24 * 3600;

/** How a ledger on a PostgreSQL server is used: by its variable each, since every command of a host shares them. */
const sessionSchema = z.object({
  FAIRTALLY_SCHEMA: z
    .string()
    .regex(/^[a-z_][a-z0-9_$]{0,62}$/i, 'must be the name of a schema')
    .optional(),
  FAIRTALLY_LOCK_TIMEOUT: seconds(DEFAULT_SESSION.lockTimeoutMs),
  FAIRTALLY_STATEMENT_TIMEOUT: seconds(DEFAULT_SESSION.statementTimeoutMs),
  FAIRTALLY_READ_TIMEOUT: seconds(DEFAULT_SESSION.readTimeoutMs),
  FAIRTALLY_IDLE_TIMEOUT: seconds(DEFAULT_SESSION.idleTimeoutMs),
});

const roleSchema = z.object({
  FAIRTALLY_ROLE_PREFIX: z
    .string()
    .regex(/^[a-z_][a-z0-9_]{0,39}$/, 'must be small letters, digits and underscores, 40 at most')
    // `pg` too: the role would be `pg_owner`.
    .regex(/^(?!pg(_|$))/, "must not be 'pg' or begin with 'pg_': PostgreSQL keeps such names of roles for itself")
    .default('fairtally'),
  ...Object.fromEntries(
    (['owner', ...ROLE_KINDS] as const).map((kind) => [
      passwordVariable(kind),
      z
        .string()
        .regex(/^[\x20-\x7e]{1,200}$/, 'must be printable ASCII, 200 characters at most')
        .optional(),
    ]),
  ),
});

/** @returns a variable in seconds, as ms; 0: no limit */
function seconds(fallbackMs: number): z.ZodDefault<z.ZodPipe<z.ZodString, z.ZodTransform<number, string>>> {
  return z
    .string()
    .refine((text) => /^\d{1,6}$/.test(text) && Number(text) <= MOST_SECONDS, {
      message: `must be whole seconds, ${MOST_SECONDS} at most; 0 for no limit`,
    })
    .transform((text) => Number(text) * 1000)
    .default(fallbackMs);
}

/** The variables of a ledger on a server; every command knows them. */
export const LEDGER_VARIABLES: readonly string[] = [sessionSchema, roleSchema].flatMap(({ shape }) =>
  Object.keys(shape),
);

type Environment = Readonly<Record<string, string | undefined>>;

/** How connections are set up; what is wrong with the variables goes to `faults`. */
export function readSession(env: Environment, faults: string[]): SessionSettings {
  const read = sessionSchema.safeParse(withoutEmpty(env));
  if (!read.success) {
    faults.push(...faultsOf(read.error, env));
    return DEFAULT_SESSION;
  }
  return {
    schema: read.data.FAIRTALLY_SCHEMA ?? null,
    lockTimeoutMs: read.data.FAIRTALLY_LOCK_TIMEOUT,
    statementTimeoutMs: read.data.FAIRTALLY_STATEMENT_TIMEOUT,
    readTimeoutMs: read.data.FAIRTALLY_READ_TIMEOUT,
    idleTimeoutMs: read.data.FAIRTALLY_IDLE_TIMEOUT,
  };
}

/** How roles are named, and by which passwords they log in. */
export interface RoleSettings {
  readonly prefix: string;
  readonly passwords: Readonly<Record<string, string>>;
}

/** The settings of `setup --roles`; what is wrong with the variables goes to `faults`, without a password. */
export function readRoles(env: Environment, faults: string[]): RoleSettings {
  const read = roleSchema.safeParse(withoutEmpty(env));
  if (!read.success) {
    faults.push(...faultsOf(read.error, env));
    return { prefix: '', passwords: {} };
  }
  const values: Readonly<Record<string, unknown>> = read.data;
  const passwords = (['owner', ...ROLE_KINDS] as const).flatMap((kind) => {
    const password = values[passwordVariable(kind)];
    return typeof password === 'string' ? [[kind, password]] : [];
  });
  return { prefix: String(values['FAIRTALLY_ROLE_PREFIX']), passwords: Object.fromEntries(passwords) };
}

/** An empty variable counts as absent. */
function withoutEmpty(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
}

function faultsOf(error: z.ZodError, env: Environment): string[] {
  return error.issues.map(({ path: [name], message }) => {
    const value = String(name).endsWith('_PASSWORD') ? '…' : (env[String(name)] ?? '');
    return `Cannot use ${String(name)} '${value}': it ${message}`;
  });
}
