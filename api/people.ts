import { createRemoteJWKSet, errors, jwtVerify, type JWTVerifyGetKey } from 'jose';
import { OperatingFault } from '../operating/index.ts';
import { type KeyHolder, type Role, isRole, scopesOfRoles } from '../services/index.ts';
import { PeopleAwayError } from './people-away.ts';
import { PROVIDER_PATIENCE_MS, type ProviderPlaces, discoverProvider } from './provider.ts';
import { type SignIn, type SignInPlaces, type SignInSettings, signInBy } from './sign-in.ts';

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
  /** Who holds the token; `null`: it is not in force, not for this API, or names no role. Rejects: nobody says. */
  holder(token: string): Promise<KeyHolder | null>;
  /** Settles when the provider was asked where its keys are; rejects with `OperatingFault` where it does not say. */
  ready(): Promise<void>;
  /** How they sign in with their browsers; `null`: not here. */
  readonly signIn: SignIn | null;
}

/** What may sign: nothing that a public key could be taken for the secret of. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
/** How long a provider that did not answer is not asked again. */
const AGAIN_MS = 1_000;
/** Three parts of base64url. */
const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]*$/;
const CLOCK_TOLERANCE_S = 30;
const LONGEST_TOKEN = 8_000;
const LONGEST_NAME = 200;

/**
 * Lets people in by what the provider signs with: discovery, then its keys, which are asked for again when it changes
 * them. The provider is asked when the first person comes: where it is away, keys of programs work all the same.
 */
export function peopleBy(settings: PeopleSettings): People {
  const { issuer, audience } = settings;
  const provider = new Provider(issuer);
  return {
    async ready() {
      const places = await provider.places();
      if (settings.signIn) signInPlaces(issuer, places);
    },
    signIn: settings.signIn
      ? signInBy(issuer, async () => signInPlaces(issuer, await provider.places()), settings.signIn)
      : null,
    async holder(token) {
      // What is no token needs no provider.
      if (token.length > LONGEST_TOKEN || !TOKEN.test(token)) return null;
      try {
        const { payload } = await jwtVerify(token, await provider.keys(), {
          issuer,
          audience,
          algorithms: ALGORITHMS,
          clockTolerance: CLOCK_TOLERANCE_S,
          requiredClaims: ['sub', 'exp'],
        });
        return holderOfClaims(payload, settings);
      } catch (error) {
        if (isAway(error)) throw new PeopleAwayError(issuer, { cause: error });
        return null;
      }
    },
  };
}

/** Whether the provider could not be asked, or answered with no keys: that is not the person's fault. */
function isAway(error: unknown): boolean {
  if (!(error instanceof errors.JOSEError)) return true;
  // An answer of another status than 200, or of no JSON, has the code of none of its classes.
  return [errors.JWKSTimeout.code, errors.JWKSInvalid.code, errors.JOSEError.code].includes(error.code);
}

/** The provider, asked once where it is asked what; where it did not say, again when some time is over. */
class Provider {
  readonly #issuer: string;
  #asked: Promise<ProviderPlaces> | null = null;
  #keys: JWTVerifyGetKey | null = null;
  #failed: { readonly error: unknown; readonly until: number } | null = null;

  constructor(issuer: string) {
    this.#issuer = issuer;
  }

  async places(): Promise<ProviderPlaces> {
    if (this.#failed !== null && performance.now() < this.#failed.until) throw this.#failed.error;
    this.#failed = null;
    this.#asked ??= discoverProvider(this.#issuer);
    try {
      return await this.#asked;
    } catch (error) {
      this.#asked = null;
      this.#failed = { error, until: performance.now() + AGAIN_MS };
      throw error;
    }
  }

  /** What it signs with: asked for again when it changes that. */
  async keys(): Promise<JWTVerifyGetKey> {
    const { keys } = await this.places();
    this.#keys ??= createRemoteJWKSet(keys, { timeoutDuration: PROVIDER_PATIENCE_MS });
    return this.#keys;
  }
}

function signInPlaces(issuer: string, { authorization, token }: ProviderPlaces): SignInPlaces {
  if (authorization === null || token === null) {
    throw new OperatingFault(`Cannot have people sign in by '${issuer}': it does not say where`);
  }
  return { authorization, token };
}

function holderOfClaims(payload: Readonly<Record<string, unknown>>, settings: PeopleSettings): KeyHolder | null {
  const roles = [payload[settings.claim] ?? []].flat().flatMap((value) => rolesOf(String(value), settings));
  if (roles.length === 0) return null;
  const id = String(payload['sub']);
  const said = [payload['email'], payload['preferred_username'], payload['name']].find(
    (each) => typeof each === 'string' && each !== '',
  );
  return {
    id: `person:${id}`.slice(0, LONGEST_NAME),
    name: nameOf(id, said === undefined ? null : String(said)),
    account: null,
    switchId: null,
    scopes: new Set(scopesOfRoles(roles)),
  };
}

/**
 * What a person is called, with the id that the provider gave: people may choose what they are called, even as others
 * are, and decisions and cases are kept under it.
 */
function nameOf(id: string, said: string | null): string {
  if (said === null || said === id) return id.slice(0, LONGEST_NAME);
  const marked = ` (${id})`.slice(0, LONGEST_NAME);
  return `${said.slice(0, LONGEST_NAME - marked.length).toWellFormed()}${marked}`;
}

function rolesOf(value: string, { roles }: PeopleSettings): readonly Role[] {
  if (roles.size > 0) return roles.get(value) ?? [];
  return isRole(value) ? [value] : [];
}
