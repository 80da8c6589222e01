import { connectionFault, type ConnectionFault, type KafkaSettings } from '../kafka/index.ts';

type Security = Pick<KafkaSettings, 'tls' | 'sasl'>;

/** What is wrong between a broker and us, and which settings to look at; `null` when none of them is to blame. */
export function kafkaAdvice(error: unknown, settings: Security): string | null {
  const fault = connectionFault(error);
  return fault === null ? null : adviceOn(fault, settings);
}

function adviceOn(fault: ConnectionFault, { tls, sasl }: Security): string | null {
  switch (fault) {
    case 'broker-untrusted':
      return tls?.ca === undefined
        ? `the broker's certificate is signed by no authority known here: KAFKA_TLS_CA_FILE must hold that authority's certificate`
        : `the broker's certificate is signed by no authority in KAFKA_TLS_CA_FILE`;
    case 'broker-misnamed':
      return `the broker's certificate is for another host: KAFKA_BROKERS, and the broker's 'advertised.listeners', must name it as its certificate does`;
    case 'broker-outdated':
      return `the broker's certificate is not valid today: it needs another one, or the clock here is wrong`;
    case 'certificate-refused':
      return tls?.cert === undefined
        ? 'the broker asks for a certificate: KAFKA_TLS_CERT_FILE and KAFKA_TLS_KEY_FILE are not set'
        : 'the broker refuses the certificate in KAFKA_TLS_CERT_FILE: it has expired, or the broker does not trust its authority';
    case 'mechanism-refused':
      return `the broker offers no login by '${sasl?.mechanism}': see KAFKA_SASL_MECHANISM`;
    case 'login-refused':
      return `the broker refuses user '${sasl?.username}': see KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD, and KAFKA_SASL_MECHANISM, since it knows users by mechanism`;
    case 'login-unexpected':
      return 'the broker asks for no login there: unset KAFKA_SASL_MECHANISM, or see the port in KAFKA_BROKERS';
    case 'cut-off':
      return cutOff({ tls, sasl });
  }
}

/** A broker that stops does the same; what it may have missed is all that can be said. */
function cutOff({ tls, sasl }: Security): string | null {
  const missed = [
    ...(tls === null ? ['TLS (KAFKA_TLS)'] : ['plain text (KAFKA_TLS)']),
    ...(sasl === null ? ['a login (KAFKA_SASL_MECHANISM)'] : []),
    ...(tls !== null && tls.cert === undefined ? ['a certificate (KAFKA_TLS_CERT_FILE)'] : []),
  ];
  return `the broker ended the connection: if it always does, that port may be for ${missed.join(' or for ')}`;
}
