import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import { OperatingFault } from '../operating/index.ts';
import { type KeyHolder, type Role, isRole, scopesOfRoles } from '../services/index.ts';
import { PeopleAwayError } from './people-away.ts';
import { PROVIDER_PATIENCE_MS, type ProviderPlaces, discoverProvider } from './provider.ts';
import { type SignIn, type SignInSettings, signInBy } from './sign-in.ts';

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
  /** How people sign in with their browsers; none: they bring their tokens. */
  readonly signIn?: SignInSettings | null;
}

/** Lets people in by their tokens. */
export interface People {
  /** Who holds the token; `null`: it is not in force, not for this API, or names no role. */
  holder(token: string): Promise<KeyHolder | null>;
  /** How they sign in with their browsers; `null`: not here. */
  readonly signIn: SignIn | null;
}

/** What may sign: nothing that a public key could be taken for the secret of. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const CLOCK_TOLERANCE_S = 30;
const LONGEST_TOKEN = 8_000;
const LONGEST_NAME = 200;

/**
 * Asks the provider what it signs with (discovery, then its keys, which are asked for again when it changes them).
 * Rejects with `OperatingFault` where it does not answer, or is another.
 */
export async function peopleBy(settings: PeopleSettings): Promise<People> {
  const { issuer, audience } = settings;
  const places = await discoverProvider(issuer);
  const keys = createRemoteJWKSet(places.keys, { timeoutDuration: PROVIDER_PATIENCE_MS });
  return {
    signIn: signInOf(settings, places),
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

function signInOf({ issuer, signIn = null }: PeopleSettings, places: ProviderPlaces): SignIn | null {
  if (signIn === null) return null;
  const { authorization, token } = places;
  if (authorization === null || token === null) {
    throw new OperatingFault(`Cannot have people sign in by '${issuer}': it does not say where`);
  }
  return signInBy(issuer, authorization, token, signIn);
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
