import { DatabaseError, toDatabaseError } from './database-error.ts';

/**
 * What a driver, or TLS below it, threw while a connection was made, as a `DatabaseError` that says what a person can
 * look at: `refused` where trying again does not help, else what `toDatabaseError` makes of it. Never a bug: whatever
 * listens at an address may answer anything.
 */
export function toConnectError(thrown: unknown): DatabaseError {
  const known = toDatabaseError(thrown, 'connect');
  const message = thrown instanceof Error ? thrown.message : '';
  if (known instanceof DatabaseError) {
    if (known.code !== 'connection-lost' || known.sqlState !== null) return known;
    const why = `${message}, before it was made: is it PostgreSQL that listens there?`;
    return new DatabaseError(`Cannot run 'connect': ${why}`, { code: 'unreachable', cause: thrown });
  }
  const code: unknown = thrown instanceof Error ? Reflect.get(thrown, 'code') : undefined;
  const why = (typeof code === 'string' ? whyOfCode(code) : null) ?? whyOfMessage(message);
  return new DatabaseError(`Cannot run 'connect': ${why}`, { code: 'refused', cause: thrown });
}

const UNTRUSTED =
  'the certificate of the server is signed by no authority that is trusted here ' +
  `('sslrootcert=FILE' in the address names others)`;

const CODES: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  CERT_SIGNATURE_FAILURE: UNTRUSTED,
  CERT_HAS_EXPIRED: 'the certificate of the server has expired',
  CERT_NOT_YET_VALID: 'the certificate of the server is not valid yet (is the clock of this machine right?)',
  CERT_REVOKED: 'the certificate of the server was revoked',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate of the server is for another host than the address names',
};

function whyOfCode(code: string): string | null {
  const why = CODES[code];
  if (why !== undefined) return why;
  return /^(?:ERR_SSL_|ERR_TLS_|EPROTO$|CERT_|ERR_OSSL_)/.test(code)
    ? `the server and this machine could not agree on TLS (${code})`
    : null;
}

/** The driver has no codes for these. */
function whyOfMessage(message: string): string {
  if (message === 'The server does not support SSL connections') {
    return `the server has no TLS, which 'sslmode' or 'ssl' in the address asks for`;
  }
  if (message === 'There was an error establishing an SSL connection') {
    return 'what listens there did not answer as PostgreSQL does to a wish for TLS';
  }
  if (message.includes('client password must be')) {
    return 'the server asks for a password, and the address has none';
  }
  if (/^received invalid response|^Unknown authenticationOk|^SASL/i.test(message)) {
    return `what listens there does not speak as PostgreSQL does, or asks for a login that is not known here`;
  }
  return message === '' ? 'it failed' : message;
}
