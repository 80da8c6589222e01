import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import { OperatingFault } from '../operating/index.ts';
import { type KeyHolder, type Role, isRole, scopesOfRoles } from '../services/index.ts';

/** Who lets people in: a provider of OpenID Connect, whatever it is. */
export interface PeopleSettings {
  /** As the provider writes it: `https://login.example.com/realms/telco`. */
  readonly issuer: string;
  /** What the provider's tokens for this API are made for. */
  readonly audience: string;
  /** The claim that has the person's roles or groups, a text or a list. */
  readonly claim: string;
  /** From what stands in the claim to roles. Empty: roles stand there by their own names. */
  readonly roles: ReadonlyMap<string, readonly Role[]>;
}

/** Lets people in by their tokens. */
export interface People {
  /** Who holds the token; `null`: it is not in force, not for this API, or names no role. */
  holder(token: string): Promise<KeyHolder | null>;
}

/** What may sign: nothing that a public key could be taken for the secret of. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const PATIENCE_MS = 5_000;
const CLOCK_TOLERANCE_S = 30;
const LONGEST_TOKEN = 8_000;
const LONGEST_NAME = 200;

/**
 * Asks the provider what it signs with (discovery, then its keys, which are asked for again when it changes them).
 * Rejects with `OperatingFault` where it does not answer, or is another.
 */
export async function peopleBy(settings: PeopleSettings): Promise<People> {
  const { issuer, audience } = settings;
  const keysAt = await discoveredKeys(issuer);
  const keys = createRemoteJWKSet(keysAt, { timeoutDuration: PATIENCE_MS });
  return {
    async holder(token) {
      if (token.length > LONGEST_TOKEN) return null;
      try {
        const { payload } = await jwtVerify(token, keys, {
          issuer,
          audience,
          algorithms: ALGORITHMS,
          clockTolerance: CLOCK_TOLERANCE_S,
          requiredClaims: ['sub', 'exp'],
        });
        return holderOfClaims(payload, settings);
      } catch (error) {
        // The provider can't be asked: that is not the person's fault.
        if (error instanceof errors.JWKSTimeout || !(error instanceof errors.JOSEError)) {
          throw new PeopleAwayError(issuer, { cause: error });
        }
        return null;
      }
    },
  };
}

/** Who lets people in does not answer: asked again, it may. */
export class PeopleAwayError extends OperatingFault {
  override readonly name = 'PeopleAwayError';

  constructor(issuer: string, options?: ErrorOptions) {
    super(`Cannot ask '${issuer}' who it is: it does not answer`);
    this.cause = options?.cause;
  }
}

async function discoveredKeys(issuer: string): Promise<URL> {
  const at = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  let found: unknown;
  try {
    const answer = await fetch(at, { signal: AbortSignal.timeout(PATIENCE_MS), redirect: 'error' });
    found = await answer.json();
  } catch {
    throw new OperatingFault(`Cannot let people in by '${issuer}': '${at}' does not answer as OpenID Connect has it`);
  }
  const { issuer: named, jwks_uri: keys } = found as { issuer?: unknown; jwks_uri?: unknown };
  if (named !== issuer) {
    throw new OperatingFault(`Cannot let people in by '${issuer}': it calls itself '${String(named)}'`);
  }
  if (typeof keys !== 'string' || !URL.canParse(keys)) {
    throw new OperatingFault(`Cannot let people in by '${issuer}': it does not say where its keys are`);
  }
  return new URL(keys);
}

function holderOfClaims(payload: Readonly<Record<string, unknown>>, settings: PeopleSettings): KeyHolder | null {
  const roles = [payload[settings.claim] ?? []].flat().flatMap((value) => rolesOf(String(value), settings));
  if (roles.length === 0) return null;
  const id = String(payload['sub']);
  const name = [payload['email'], payload['preferred_username'], payload['name']].find(
    (each) => typeof each === 'string' && each !== '',
  );
  return {
    id: `person:${id}`.slice(0, LONGEST_NAME),
    name: String(name ?? id).slice(0, LONGEST_NAME),
    account: null,
    scopes: new Set(scopesOfRoles(roles)),
  };
}

function rolesOf(value: string, { roles }: PeopleSettings): readonly Role[] {
  if (roles.size > 0) return roles.get(value) ?? [];
  return isRole(value) ? [value] : [];
}
