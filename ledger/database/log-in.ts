import { toConnectError } from './connect-error.ts';

const CONNECT_WITHIN_MS = 10_000;
/** The password is wrong, or the role may not log in. */
const REFUSED = /^28/;

/**
 * Whether a role can log in to the database at `url` with a password, instead of the role and the password that it
 * names.
 */
export async function canLogIn(url: string, user: string, password: string): Promise<boolean> {
  const address = new URL(url);
  address.username = '';
  address.password = '';
  // As parameters: an address without a host, for a socket, takes no others.
  address.searchParams.set('user', user);
  address.searchParams.set('password', password);
  const { Client } = (await import('pg')).default;
  const client = new Client({ connectionString: address.href, connectionTimeoutMillis: CONNECT_WITHIN_MS });
  try {
    await client.connect();
    return true;
  } catch (cause) {
    const error = toConnectError(cause);
    if (error.sqlState !== null && REFUSED.test(error.sqlState)) return false;
    throw error;
  } finally {
    await client.end().catch(() => undefined);
  }
}
