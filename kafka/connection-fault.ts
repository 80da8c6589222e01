/**
 * Why a broker and we do not come together, as far as a setting may be to blame.
 *
 * - `broker-untrusted`: its certificate is signed by no authority that we trust.
 * - `broker-misnamed`: its certificate names other hosts than the one that was asked for.
 * - `broker-outdated`: its certificate is not valid any more, or not yet.
 * - `certificate-refused`: it refuses our certificate, or that we have none.
 * - `mechanism-refused`: it offers other ways to log in.
 * - `login-refused`: it does not know the user, or the password is wrong.
 * - `login-unexpected`: nobody logs in there.
 * - `cut-off`: it ended the connection without a word. Brokers do so when they stop; also when TLS meets plain text,
 *   and when someone asks who has not logged in.
 */
export type ConnectionFault =
  | 'broker-untrusted'
  | 'broker-misnamed'
  | 'broker-outdated'
  | 'certificate-refused'
  | 'mechanism-refused'
  | 'login-refused'
  | 'login-unexpected'
  | 'cut-off';

/**
 * What is to blame for an error of kafkajs, which may wrap another; `null` when no setting is, or the error is
 * another's.
 */
export function connectionFault(error: unknown): ConnectionFault | null {
  for (let link = error; link instanceof Error; link = link.cause) {
    const fault = faultOf(link);
    if (fault !== null) return fault;
  }
  return null;
}

/**
 * `code` is of Node.js, `type` the name of a code of Kafka's protocol; for a refused login kafkajs has the name
 * alone.
 */
function faultOf(error: Error): ConnectionFault | null {
  if (!error.name.startsWith('KafkaJS')) return null;
  const code = String(Reflect.get(error, 'code'));
  const type = String(Reflect.get(error, 'type'));
  if (error.name === 'KafkaJSSASLAuthenticationError') return 'login-refused';
  if (error.name === 'KafkaJSConnectionClosedError') return 'cut-off';
  return FAULTS.get(type) ?? FAULTS.get(code) ?? (REFUSED_CERTIFICATE.test(code) ? 'certificate-refused' : null);
}

const FAULTS: ReadonlyMap<string, ConnectionFault> = new Map([
  ['UNSUPPORTED_SASL_MECHANISM', 'mechanism-refused'],
  ['ILLEGAL_SASL_STATE', 'login-unexpected'],
  ['UNABLE_TO_GET_ISSUER_CERT', 'broker-untrusted'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'broker-untrusted'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'broker-untrusted'],
  ['CERT_SIGNATURE_FAILURE', 'broker-untrusted'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'broker-untrusted'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'broker-untrusted'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'broker-misnamed'],
  ['CERT_HAS_EXPIRED', 'broker-outdated'],
  ['CERT_NOT_YET_VALID', 'broker-outdated'],
  ['ECONNRESET', 'cut-off'],
  ['EPIPE', 'cut-off'],
]);

/**
 * Alerts of RFC 8446, section 6.2, as Node.js makes codes of OpenSSL's texts, which name versions of the protocol in
 * one way or another. Java 17 says `bad_certificate` where the RFC has `certificate_required`.
 */
const REFUSED_CERTIFICATE =
  /^ERR_SSL_\S+_ALERT_(?:(?:BAD|UNSUPPORTED)_CERTIFICATE|CERTIFICATE_(?:REVOKED|EXPIRED|UNKNOWN|REQUIRED)|UNKNOWN_CA)$/;
