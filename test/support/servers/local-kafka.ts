import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type PlacedListener, type SecureBroker, withSecurity } from './broker-security.ts';
import { freePort } from './free-port.ts';
import { formatLog, kafkaArtifacts } from './kafka-artifacts.ts';
import { brokerSettings, propertiesText } from './kafka-settings.ts';
import { startLocalServer } from './local-server.ts';
import { serverFolder } from './server-folder.ts';
import type { TestServer } from './test-server.ts';

/** A broker that we start. */
export interface OwnKafkaSettings {
  readonly version: string;
  readonly jvmOptions: readonly string[];
  readonly secure: SecureBroker;
  /** Is told where it listens; answers where clients are told to find it. */
  advertise(address: string): string;
  /** Rejects while the broker at an address does not answer. */
  ask(address: string): Promise<unknown>;
}

/** Where its listeners are found, by their names. */
export type OwnKafka = TestServer & { readonly address: string; readonly secured: ReadonlyMap<string, string> };

/** Starts a broker as a process of this machine. */
export async function startLocalKafka(given: OwnKafkaSettings): Promise<OwnKafka> {
  const { java, classPath, formattedLog } = await kafkaArtifacts(given.version);
  const folder = await serverFolder('kafka');
  const log = join(folder.path, 'log');
  const address = await freeAddress();
  const place = { listenAt: address, controllerAt: await freeAddress(), itselfAt: await freeAddress() };
  const security = given.secure('localhost');
  const placed: PlacedListener[] = [];
  for (const listener of security.listeners) {
    const listenAt = await freeAddress();
    // By a name, as brokers mostly are: a certificate is then compared with it.
    placed.push({ ...listener, listenAt, advertisedAt: listenAt.replace('127.0.0.1', 'localhost') });
  }
  const settings = join(folder.path, 'server.properties');
  const plain = brokerSettings({ ...place, advertisedAt: given.advertise(address), folder: log });
  await writeFile(settings, propertiesText(withSecurity(plain, security, placed)));
  if (security.users.length > 0) await formatLog({ java, classPath }, settings, security.users);
  else await cp(formattedLog, log, { recursive: true });
  const server = await startLocalServer({
    folder,
    command: java,
    args: [...given.jvmOptions, '-cp', classPath, 'kafka.Kafka', settings],
    signals: { stop: 'SIGTERM', close: 'SIGKILL' },
    ask: () => given.ask(address),
  });
  const secured = new Map(placed.map(({ name, advertisedAt }) => [name, advertisedAt]));
  return Object.assign(server, { address, secured });
}

async function freeAddress(): Promise<string> {
  return `127.0.0.1:${await freePort()}`;
}
