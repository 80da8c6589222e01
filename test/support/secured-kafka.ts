import { type Authority, type Identity, makeAuthority } from './certificates.ts';
import { type KafkaServer, startKafka } from './kafka.ts';
import { type BrokerSecurity, pemProperty, type SecuredListener } from './servers/broker-security.ts';
import { ownServerWays } from './servers/server-ways.ts';

/** Who may log in, by whichever mechanism. */
export const USER = { name: 'rating', password: 'not to be told' };

/** How the ways in to the broker differ. */
type Listener = 'LOGIN' | 'SHA256' | 'MUTUAL' | 'MISNAMED' | 'EXPIRED';

/** A broker that is reached by TLS, refuses whom it does not know, and lets others do only what they may. */
export interface SecuredKafka {
  /** Signed the broker's certificates, and would sign those of clients. */
  readonly authority: Authority;
  readonly broker: KafkaServer;
  /** `host:port` of one of its listeners. */
  at(listener: Listener): string;
}

/**
 * Its listeners: LOGIN asks for a login by PLAIN or SCRAM-SHA-512, and for another one every 11 s; SHA256 for one by
 * SCRAM-SHA-256; MUTUAL for a certificate of its authority. MISNAMED has a certificate for another host, EXPIRED one
 * of old; both ask for nothing. In plain text one may do everything.
 */
export async function startSecuredKafka(): Promise<SecuredKafka> {
  const authority = makeAuthority('Fairtally test authority');
  const broker = await startKafka({ ways: ownServerWays(), secure: (host) => securityOf(authority, host) });
  return {
    authority,
    broker,
    at(listener) {
      const address = broker.secured.get(listener);
      if (address === undefined) throw new Error(`Cannot find listener '${listener}'`);
      return address;
    },
  };
}

function securityOf(authority: Authority, host: string): BrokerSecurity {
  const named = keystore(authority.issue({ name: 'broker', hosts: [host] }));
  const others = {
    MISNAMED: authority.issue({ name: 'broker', hosts: ['another.example'] }),
    EXPIRED: authority.issue({ name: 'broker', hosts: [host], isExpired: true }),
  };
  const trusted = { 'ssl.truststore.type': 'PEM', 'ssl.truststore.certificates': pemProperty(authority.certificate) };
  const listeners: readonly (SecuredListener & { readonly name: Listener })[] = [
    { name: 'LOGIN', protocol: 'SASL_SSL', settings: { ...named, ...LOGIN_SETTINGS } },
    { name: 'SHA256', protocol: 'SASL_SSL', settings: { ...named, ...SHA256_SETTINGS } },
    { name: 'MUTUAL', protocol: 'SSL', settings: { ...named, ...trusted, 'ssl.client.auth': 'required' } },
    { name: 'MISNAMED', protocol: 'SSL', settings: keystore(others.MISNAMED) },
    { name: 'EXPIRED', protocol: 'SSL', settings: keystore(others.EXPIRED) },
  ];
  // Who says no name is the test itself, and the broker to itself.
  const settings = {
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': 'User:ANONYMOUS',
  };
  return { listeners, settings, users: [USER] };
}

function keystore({ certificate, key }: Identity): Record<string, string> {
  return {
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.certificate.chain': pemProperty(certificate),
    'ssl.keystore.key': pemProperty(key),
  };
}

const MODULES = 'org.apache.kafka.common.security';

const LOGIN_SETTINGS = {
  'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-512',
  // KIP-368: who has not logged in again by then is cut off. kafkajs does so 10 s before, so here once a second.
  'connections.max.reauth.ms': '11000',
  'plain.sasl.jaas.config': `${MODULES}.plain.PlainLoginModule required user_${USER.name}="${USER.password}";`,
  'scram-sha-512.sasl.jaas.config': `${MODULES}.scram.ScramLoginModule required;`,
};

const SHA256_SETTINGS = {
  'sasl.enabled.mechanisms': 'SCRAM-SHA-256',
  'scram-sha-256.sasl.jaas.config': `${MODULES}.scram.ScramLoginModule required;`,
};
