import { describe, expect, it } from 'vitest';
import { connectionFault } from '../../kafka/index.ts';

/** As kafkajs makes them: its class by its name, and what it knows besides. */
function kafkaError(name: string, more: { readonly code?: string; readonly type?: string; cause?: Error } = {}): Error {
  return Object.assign(new Error('no'), { name, ...more });
}

describe('connectionFault()', () => {
  // What brokers of other versions of Java say, and Node.js of other versions of OpenSSL; those that are at hand are
  // tried by test/bin/commands/stream-security.test.ts.
  it.each([
    ['ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE', 'certificate-refused'],
    ['ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', 'certificate-refused'],
    ['ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN', 'certificate-refused'],
    ['ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED', 'certificate-refused'],
    ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'certificate-refused'],
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'certificate-refused'],
    ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', null],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'broker-untrusted'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'broker-untrusted'],
    ['CERT_NOT_YET_VALID', 'broker-outdated'],
    ['ECONNRESET', 'cut-off'],
    ['ECONNREFUSED', null],
    ['ENOTFOUND', null],
  ])('of %s: %s', (code, fault) => {
    expect(connectionFault(kafkaError('KafkaJSConnectionError', { code }))).toBe(fault);
  });

  it('is found below what kafkajs wraps it in', () => {
    const cause = kafkaError('KafkaJSConnectionError', { code: 'CERT_HAS_EXPIRED' });
    expect(connectionFault(kafkaError('KafkaJSNumberOfRetriesExceeded', { cause }))).toBe('broker-outdated');
  });

  it('is told by the kind of error where there is no code', () => {
    expect(connectionFault(kafkaError('KafkaJSSASLAuthenticationError'))).toBe('login-refused');
    expect(connectionFault(kafkaError('KafkaJSConnectionClosedError'))).toBe('cut-off');
    const refused = { type: 'UNSUPPORTED_SASL_MECHANISM' };
    expect(connectionFault(kafkaError('KafkaJSProtocolError', refused))).toBe('mechanism-refused');
    const away = { type: 'COORDINATOR_NOT_AVAILABLE' };
    expect(connectionFault(kafkaError('KafkaJSProtocolError', away))).toBeNull();
  });

  it('is none of a failure that is not of Kafka', () => {
    const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    expect(connectionFault(reset)).toBeNull();
    expect(connectionFault(new Error('Cannot run', { cause: reset }))).toBeNull();
    expect(connectionFault('no error')).toBeNull();
  });
});
