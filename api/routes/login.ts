import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { NotLetInError } from '../not-let-in.ts';
import { heedsKey } from '../once.ts';
import type { People } from '../people.ts';
import { httpProblem } from '../problem.ts';
import { limitRefusals } from '../rate-limit.ts';
import { problems } from '../schemas.ts';
import type { Grant, SignIn } from '../sign-in.ts';

const version = z.literal(1);
const OPEN = { config: { scope: 'open' } } as const;
const text = z.string().min(1).max(8_000);

const login = z
  .strictObject({
    v: version,
    signIn: z
      .strictObject({
        issuer: z.string(),
        authorization: z.string().meta({ description: 'Where the browser goes' }),
        client: z.string(),
        parameters: z.record(z.string(), z.string()),
      })
      .nullable()
      .meta({
        description:
          'How people sign in by OpenID Connect (code with PKCE); null: by key alone, also while the provider is away',
      }),
  })
  .meta({ id: 'Login' });

const loginBody = z
  .strictObject({
    code: text.optional().meta({ description: 'What the provider sent the browser back with' }),
    verifier: text.optional().meta({ description: 'Of PKCE' }),
    redirect: z.url().max(2_000).optional().meta({ description: 'Where the provider sent the browser back to' }),
    refresh: text.optional().meta({ description: 'Instead of these: what came with the token, to renew it' }),
  })
  .meta({ id: 'LoginBody' });

const loggedIn = z
  .strictObject({
    v: version,
    token: z.string().meta({ description: 'For `Authorization: Bearer`' }),
    expiresIn: z.int().nullable().meta({ description: 'Seconds' }),
    refresh: z.string().nullable(),
  })
  .meta({ id: 'LoggedIn' });

export type Login = z.output<typeof login>;
export type LoginBody = z.input<typeof loginBody>;
export type LoggedIn = z.output<typeof loggedIn>;

/**
 * How a browser gets a person's token: it asks where to go, and hands back what it came back with. So the pages ask no
 * other host, and the secret of the client never reaches them.
 */
export function addLoginRoutes(app: FastifyInstance, people: People | null, now: () => number): void {
  const signIn = people?.signIn ?? null;
  const refusals = limitRefusals(now);
  app.get(
    '/v1/login',
    { ...OPEN, schema: { summary: 'How people sign in with a browser', security: [], response: { 200: login } } },
    (request) => waysIn(signIn, request).then((found) => ({ v: 1, signIn: found })),
  );
  app.post(
    '/v1/login',
    {
      ...OPEN,
      schema: {
        summary: 'A token for what the provider sent the browser back with, or for what renews it',
        security: [],
        body: loginBody,
        response: { 200: loggedIn, ...problems(400, 404) },
      },
    },
    // A code is good once: whoever sends it again is refused by the provider. Tokens are kept nowhere.
    heedsKey(async (request: FastifyRequest, reply) => {
      if (people === null || signIn === null) {
        throw new NotLetInError(httpProblem('not-found', 'Nobody signs in here: send a key'));
      }
      refusals.check(request, reply);
      const tokens = await signIn.exchange(grantOf(request.body as z.output<typeof loginBody>));
      if (tokens === null) {
        refusals.count(request, reply);
        throw new NotLetInError(httpProblem('unauthorised', 'The provider gives no token for this: sign in again'));
      }
      if ((await people.holder(tokens.token)) === null) {
        refusals.count(request, reply);
        throw new NotLetInError(
          httpProblem('forbidden', 'The provider knows you, but its token gives you no role here'),
        );
      }
      void reply.header('cache-control', 'no-store');
      return { v: 1, ...tokens };
    }),
  );
}

/** Where a browser goes; `null` also while the provider is away: whoever has a key comes in all the same. */
async function waysIn(signIn: SignIn | null, request: FastifyRequest): Promise<Login['signIn']> {
  if (signIn === null) return null;
  const { issuer, client, parameters } = signIn;
  try {
    return { issuer, authorization: await signIn.authorization(), client, parameters };
  } catch (error) {
    request.log.warn({ err: error }, 'nobody can sign in with a browser');
    return null;
  }
}

function grantOf({ code, verifier, redirect, refresh }: z.output<typeof loginBody>): Grant {
  if (refresh !== undefined) return { kind: 'refresh', refresh };
  if (code !== undefined && verifier !== undefined && redirect !== undefined) {
    return { kind: 'code', code, verifier, redirect };
  }
  throw new NotLetInError(httpProblem('invalid-request', `Send 'code', 'verifier' and 'redirect', or 'refresh'`));
}
