import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import type { PeopleSettings, SignInSettings, TraceSettings } from '../api/index.ts';
import { ROLE_NAMES, type Role, type WebhookSettings, isRole } from '../services/index.ts';
import { usageError } from './command-error.ts';
import type { LedgerPlace } from './config.ts';
import type { Terminal } from './terminal.ts';
import { versionOfProject } from './version-of-project.ts';

/** How the API lets people in, tells webhooks and sends traces, as the environment says. */
export interface ApiSettings {
  readonly people: PeopleSettings | null;
  readonly webhooks: WebhookSettings | null;
  readonly traces: TraceSettings | null;
}

const DEFAULT_CLAIM = 'roles';
const KEY_BYTES = 32;
/** In the folder of an embedded ledger, for its owner alone: no copy of the ledger holds it. */
const KEY_FILE = 'webhook.key';

/** Throws one usage error with all that is wrong. */
export function readApiSettings({ env }: Pick<Terminal, 'env'>, place: LedgerPlace): ApiSettings {
  const faults: string[] = [];
  const settings = {
    people: readPeople(env, faults),
    webhooks: readWebhooks(env, place, faults),
    traces: readTraces(env, faults),
  };
  if (faults.length > 0) throw usageError(faults);
  return settings;
}

type Environment = Terminal['env'];

function readPeople(env: Environment, faults: string[]): PeopleSettings | null {
  const issuer = env['FAIRTALLY_OIDC_ISSUER'] ?? '';
  const audience = env['FAIRTALLY_OIDC_AUDIENCE'] ?? '';
  if (issuer === '') {
    if (audience !== '') faults.push('Cannot use FAIRTALLY_OIDC_AUDIENCE: FAIRTALLY_OIDC_ISSUER is not set');
    return null;
  }
  if (!URL.canParse(issuer) || !/^https:|^http:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?:[:/]|$)/.test(issuer)) {
    faults.push(`Cannot use FAIRTALLY_OIDC_ISSUER '${issuer}': it must be a URL that begins with https://`);
  }
  if (audience === '') {
    faults.push('Cannot use FAIRTALLY_OIDC_ISSUER: FAIRTALLY_OIDC_AUDIENCE must say what its tokens are made for');
  }
  const roles = readRoles(env['FAIRTALLY_OIDC_ROLES'] ?? '', faults);
  const signIn = readSignIn(env, audience, faults);
  return { issuer, audience, claim: env['FAIRTALLY_OIDC_CLAIM'] ?? DEFAULT_CLAIM, roles, signIn };
}

/** `null`: the provider knows no client for the console. */
function readSignIn(env: Environment, audience: string, faults: string[]): SignInSettings | null {
  const client = env['FAIRTALLY_OIDC_CLIENT'] ?? '';
  const secret = env['FAIRTALLY_OIDC_CLIENT_SECRET'] ?? '';
  const asked = env['FAIRTALLY_OIDC_ASK'] ?? '';
  if (client === '') {
    for (const name of ['FAIRTALLY_OIDC_CLIENT_SECRET', 'FAIRTALLY_OIDC_ASK'].filter(
      (each) => (env[each] ?? '') !== '',
    )) {
      faults.push(`Cannot use ${name}: FAIRTALLY_OIDC_CLIENT is not set`);
    }
    return null;
  }
  const parameters = new URLSearchParams(asked === '' ? { scope: 'openid', resource: audience } : asked);
  if (!parameters.has('scope')) {
    faults.push(`Cannot use FAIRTALLY_OIDC_ASK '${asked}': it must have a scope, as in 'scope=openid&audience=api'`);
  }
  return { client, secret: secret === '' ? null : secret, parameters };
}

/** `telco-analysts=analyst,telco-leads=analyst+auditor`. */
function readRoles(text: string, faults: string[]): ReadonlyMap<string, readonly Role[]> {
  const roles = new Map<string, readonly Role[]>();
  for (const part of text.split(',').filter((each) => each.trim() !== '')) {
    const at = part.lastIndexOf('=');
    const names = part
      .slice(at + 1)
      .split('+')
      .map((name) => name.trim());
    if (at <= 0 || !names.every(isRole)) {
      const known = ROLE_NAMES.join(', ');
      faults.push(`Cannot use FAIRTALLY_OIDC_ROLES '${part}': it must be 'GROUP=ROLE' with roles of ${known}`);
    }
    roles.set(part.slice(0, at).trim(), names.filter(isRole));
  }
  return roles;
}

function readWebhooks(env: Environment, place: LedgerPlace, faults: string[]): WebhookSettings | null {
  const text = env['FAIRTALLY_WEBHOOK_KEY'] ?? '';
  const allowed = env['FAIRTALLY_WEBHOOK_PRIVATE'] ?? '';
  if (!['', '0', '1'].includes(allowed)) {
    faults.push(`Cannot use FAIRTALLY_WEBHOOK_PRIVATE '${allowed}': it must be 0 or 1`);
  }
  const master = text === '' ? ownKey(place) : Buffer.from(text, 'base64');
  if (master === null) return null;
  if (master.length < KEY_BYTES) {
    faults.push(`Cannot use FAIRTALLY_WEBHOOK_KEY: it must be ${KEY_BYTES} bytes or more in base64`);
  }
  return { master, allowsPrivate: allowed === '1', version: versionOfProject() };
}

/** The key of an embedded ledger, which is made at first use; `null`: of a server's nobody makes one by himself. */
function ownKey(place: LedgerPlace): Buffer | null {
  if (place.kind === 'server') return null;
  const file = join(place.directory, KEY_FILE);
  if (!existsSync(file)) {
    writeFileSync(file, `${randomBytes(KEY_BYTES).toString('base64')}\n`, { mode: 0o600, flag: 'wx' });
    chmodSync(file, 0o600);
  }
  return Buffer.from(readFileSync(file, 'utf8').trim(), 'base64');
}

function readTraces(env: Environment, faults: string[]): TraceSettings | null {
  const endpoint = env['OTEL_EXPORTER_OTLP_ENDPOINT'] ?? '';
  if (endpoint === '') return null;
  if (!/^https?:/.test(endpoint) || !URL.canParse(endpoint)) {
    faults.push(`Cannot use OTEL_EXPORTER_OTLP_ENDPOINT: it must be a URL that begins with http:// or https://`);
  }
  const pairs = (env['OTEL_EXPORTER_OTLP_HEADERS'] ?? '').split(',').filter((pair) => pair.includes('='));
  const headers = pairs.map((pair): [string, string] => {
    const at = pair.indexOf('=');
    return [pair.slice(0, at).trim(), decodeURIComponent(pair.slice(at + 1).trim())];
  });
  const service = env['OTEL_SERVICE_NAME'] ?? 'fairtally';
  return { endpoint, headers: Object.fromEntries(headers), service, version: versionOfProject() };
}
