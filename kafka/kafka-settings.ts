/** How to reach the brokers. */
export interface KafkaSettings {
  /** `host:port`, one or more of the cluster's brokers. */
  readonly brokers: readonly string[];
  /** `null`: in plain text. */
  readonly tls: TlsSettings | null;
  /** `null`: without logging in. */
  readonly sasl: SaslSettings | null;
}

/**
 * PEM texts, the key's not encrypted; what is absent is as Node.js has it: its own authorities, no certificate of
 * ours.
 */
export interface TlsSettings {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

export const saslMechanisms = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;

export interface SaslSettings {
  readonly mechanism: (typeof saslMechanisms)[number];
  readonly username: string;
  readonly password: string;
}
