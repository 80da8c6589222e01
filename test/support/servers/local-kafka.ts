import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { kafkaArtifacts } from './kafka-artifacts.ts';
import { brokerSettings, propertiesText } from './kafka-settings.ts';
import { startLocalServer } from './local-server.ts';
import { serverFolder } from './server-folder.ts';
import type { TestServer } from './test-server.ts';

/** Starts a broker of `version` as a process of this machine; `ask` rejects while the one at an address does not answer. */
export async function startLocalKafka(
  version: string,
  jvmOptions: readonly string[],
  ask: (address: string) => Promise<unknown>,
): Promise<TestServer & { readonly address: string }> {
  const { java, classPath, formattedLog } = await kafkaArtifacts(version);
  const folder = await serverFolder('kafka');
  const log = join(folder.path, 'log');
  await cp(formattedLog, log, { recursive: true });
  const address = `127.0.0.1:${await freePort()}`;
  const controllerAt = `127.0.0.1:${await freePort()}`;
  const itselfAt = `127.0.0.1:${await freePort()}`;
  const settings = join(folder.path, 'server.properties');
  const text = propertiesText(
    brokerSettings({ listenAt: address, controllerAt, itselfAt, advertisedAt: address, folder: log }),
  );
  await writeFile(settings, text);
  const server = await startLocalServer({
    folder,
    command: java,
    args: [...jvmOptions, '-cp', classPath, 'kafka.Kafka', settings],
    signals: { stop: 'SIGTERM', close: 'SIGKILL' },
    ask: () => ask(address),
  });
  return Object.assign(server, { address });
}
