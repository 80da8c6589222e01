/** What a broker has beside its listener in plain text. */
export interface BrokerSecurity {
  readonly listeners: readonly SecuredListener[];
  /** Settings of the broker as a whole. */
  readonly settings: Readonly<Record<string, string>>;
  /** Who may log in by SCRAM; PLAIN has its users among a listener's settings. */
  readonly users: readonly ScramUser[];
}

/** One more port of a broker. */
export interface SecuredListener {
  /** In capitals. */
  readonly name: string;
  readonly protocol: 'SSL' | 'SASL_SSL';
  /** Settings of this listener alone, without the prefix that says so. */
  readonly settings: Readonly<Record<string, string>>;
}

export interface ScramUser {
  readonly name: string;
  readonly password: string;
}

/** Makes it for a broker that clients reach at `host`, which its certificates must name. */
export type SecureBroker = (host: string) => BrokerSecurity;

export function noSecurity(): BrokerSecurity {
  return { listeners: [], settings: {}, users: [] };
}

/** A listener, where it listens, and where it says that clients find it. */
export interface PlacedListener extends SecuredListener {
  readonly listenAt: string;
  readonly advertisedAt: string;
}

/** What each listener adds to settings that are lists. */
const LISTS: Readonly<Record<string, (listener: PlacedListener) => string>> = {
  listeners: ({ name, listenAt }) => `${name}://${listenAt}`,
  'advertised.listeners': ({ name, advertisedAt }) => `${name}://${advertisedAt}`,
  'listener.security.protocol.map': ({ name, protocol }) => `${name}:${protocol}`,
};

/** A broker's settings with more listeners, and what else it has for its security. */
export function withSecurity(
  settings: Readonly<Record<string, string>>,
  security: BrokerSecurity,
  listeners: readonly PlacedListener[],
): Record<string, string> {
  const lists = Object.entries(LISTS).map(([list, show]) => [list, [settings[list], ...listeners.map(show)].join(',')]);
  const own = listeners.flatMap(({ name, settings: some }) =>
    Object.entries(some).map(([setting, value]) => [`listener.name.${name.toLowerCase()}.${setting}`, value]),
  );
  return { ...settings, ...security.settings, ...Object.fromEntries([...lists, ...own]) };
}

/** A PEM text as a property: a line's end would end the value, and Kafka takes a blank as well. */
export function pemProperty(pem: string): string {
  return pem.trim().replaceAll('\n', ' ');
}

/** Arguments with which `kafka.tools.StorageTool format` enters the users: SCRAM has them in the cluster's metadata. */
export function scramArguments(users: readonly ScramUser[]): string[] {
  return users.flatMap(({ name, password }) =>
    ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
      '--add-scram',
      `${mechanism}=[name=${name},password=${password}]`,
    ]),
  );
}
