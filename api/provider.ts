import { OperatingFault } from '../operating/index.ts';

/** Where a provider of OpenID Connect is asked what: as its discovery says. */
export interface ProviderPlaces {
  /** Its public keys. */
  readonly keys: URL;
  /** Where a browser goes to sign in, and where a code becomes a token; `null`: it says none. */
  readonly authorization: string | null;
  readonly token: string | null;
}

/** How long the provider may take to answer. */
export const PROVIDER_PATIENCE_MS = 5_000;

/** Asks the provider. Rejects with `OperatingFault` where it does not answer, or is another. */
export async function discoverProvider(issuer: string): Promise<ProviderPlaces> {
  const at = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  let found: unknown;
  try {
    const answer = await fetch(at, { signal: AbortSignal.timeout(PROVIDER_PATIENCE_MS), redirect: 'error' });
    found = await answer.json();
  } catch {
    throw new OperatingFault(`Cannot let people in by '${issuer}': '${at}' does not answer as OpenID Connect has it`);
  }
  const said = found as Readonly<Record<string, unknown>>;
  if (said['issuer'] !== issuer) {
    throw new OperatingFault(`Cannot let people in by '${issuer}': it calls itself '${String(said['issuer'])}'`);
  }
  const keys = urlOf(said['jwks_uri']);
  if (keys === null)
    throw new OperatingFault(`Cannot let people in by '${issuer}': it does not say where its keys are`);
  return {
    keys: new URL(keys),
    authorization: urlOf(said['authorization_endpoint']),
    token: urlOf(said['token_endpoint']),
  };
}

function urlOf(value: unknown): string | null {
  return typeof value === 'string' && URL.canParse(value) ? value : null;
}
