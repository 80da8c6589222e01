import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';

/** What the tokens of these providers are made for. */
export const AUDIENCE = 'urn:fairtally:api';
/** A program that gets tokens by its own credentials. */
const PROGRAM = { client_id: 'program', client_secret: 'not-so-secret' };

/** A real provider of OpenID Connect. */
export interface RunningProvider {
  readonly issuer: string;
  /** Of which groups people are from now on. */
  setGroups(groups: unknown): void;
  /** A token of the program, which is of these groups. */
  token(groups: unknown, resource?: string): Promise<string>;
  close(): void;
}

export interface ProviderOptions {
  /** Where browsers may be sent back to by the client `console`; none: it has none. */
  readonly redirect?: string;
}

export async function runningProvider({ redirect }: ProviderOptions = {}): Promise<RunningProvider> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let groups: unknown = [];
  const browsers = {
    client_id: 'console',
    client_secret: 'a secret: with, signs & all',
    grant_types: ['authorization_code', 'refresh_token'],
    redirect_uris: [redirect],
    response_types: ['code'],
  };
  const provider = new Provider(issuer, {
    clients: [
      { ...PROGRAM, grant_types: ['client_credentials'], redirect_uris: [], response_types: [] },
      ...(redirect === undefined ? [] : [browsers]),
    ],
    extraTokenClaims: () => ({ groups, email: 'ana@example.com' }),
    issueRefreshToken: () => true,
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: redirect !== undefined },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        getResourceServerInfo: (_: unknown, audience: string) => ({
          scope: 'api',
          audience,
          accessTokenFormat: 'jwt',
          accessTokenTTL: 600,
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
  });
  server.on('request', provider.callback());
  return {
    issuer,
    setGroups: (given) => (groups = given),
    async token(given, resource = AUDIENCE) {
      groups = given;
      const body = new URLSearchParams({ grant_type: 'client_credentials', resource, scope: 'api', ...PROGRAM });
      const answer = await fetch(`${issuer}/token`, { method: 'POST', body });
      return ((await answer.json()) as { access_token: string }).access_token;
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
