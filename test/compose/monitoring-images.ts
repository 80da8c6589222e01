import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const PULLED_WITHIN_MS = 240_000;
const STAND_IN = 'fairtally-test-prometheus';
const STAND_IN_FOLDER = fileURLToPath(new URL('stand-in/', import.meta.url));

/** The profile `monitoring` of docker-compose.yml on this machine. */
export interface MonitoringImages {
  readonly services: readonly string[];
  /** Files that compose is to read, after docker-compose.yml. */
  readonly files: readonly string[];
}

/**
 * Brings the images that docker-compose.yml names for monitoring. Where they can't be pulled, Debian's Prometheus and
 * Alertmanager stand in for theirs, by a file in `folder`; nothing stands in for Grafana, which is then not started.
 */
export async function monitoringImages(images: readonly string[], folder: string): Promise<MonitoringImages> {
  const have = new Set<string>();
  for (const image of images) {
    if (await isBrought(image)) have.add(/^.*?([a-z]+):/.exec(image)?.[1] ?? image);
  }
  if (have.has('prometheus') && have.has('alertmanager')) return { services: [...have], files: [] };
  await run('docker', ['build', '--quiet', '--tag', STAND_IN, STAND_IN_FOLDER]);
  const file = join(folder, 'stand-in.yml');
  await writeFile(
    file,
    `services:
  prometheus: { image: ${STAND_IN}, entrypoint: [prometheus] }
  alertmanager: { image: ${STAND_IN}, entrypoint: [prometheus-alertmanager] }
`,
  );
  return { services: [...new Set([...have, 'prometheus', 'alertmanager'])], files: [file] };
}

async function isBrought(image: string): Promise<boolean> {
  return (await succeeds('image', 'inspect', image)) || succeeds('pull', '--quiet', image);
}

function succeeds(...args: readonly string[]): Promise<boolean> {
  return run('docker', [...args], { timeout: PULLED_WITHIN_MS }).then(
    () => true,
    () => false,
  );
}
