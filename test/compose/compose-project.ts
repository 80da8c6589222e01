import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../support/servers/free-port.ts';
import { reapAtEnd } from '../support/servers/reaper.ts';
import { monitoringImages } from './monitoring-images.ts';
import { PROJECT_ROOT } from '../support/source-files.ts';

/** The services of docker-compose.yml under a name, ports, password and image of their own. */
export interface ComposeProject {
  readonly brokers: string;
  readonly databaseUrl: string;
  /** Where those listen that speak HTTP. */
  readonly urls: Readonly<Record<'api' | 'prometheus' | 'alertmanager' | 'grafana', string>>;
  /** Of the administrator of the database, and of Grafana. */
  readonly password: string;
  /** What of the profile `monitoring` can be started here. */
  readonly monitoring: readonly string[];
  /** Runs `docker compose ARGS…`; fails with all that it said. Returns its stdout. */
  compose(...args: readonly string[]): Promise<string>;
  /** What the services have logged, to be shown when a test fails. */
  logs(): Promise<string>;
  /** Takes all down, with volumes and image. */
  close(): Promise<void>;
}

const run = promisify(execFile);
const OUTPUT_BYTES = 64 * 1024 * 1024;
const LOG_LINES = '60';
const MONITORING_IMAGES = [
  ...readFileSync(join(PROJECT_ROOT, 'docker-compose.yml'), 'utf8').matchAll(/image: ((?:prom|grafana)\/\S+)$/gm),
].map(([, image = '']) => image);

/** Prepares a project whose commands read the files in `folder`. Fails where no Docker engine answers. */
export async function composeProject(folder: string): Promise<ComposeProject> {
  await needEngine();
  const name = `fairtally-test-${process.pid}`;
  const [kafkaPort, postgresPort] = [await freePort(), await freePort()];
  const ports = { api: await freePort(), prometheus: await freePort(), alertmanager: await freePort() };
  const grafanaPort = await freePort();
  const password = randomBytes(12).toString('hex');
  const { services: monitoring, files } = await monitoringImages(MONITORING_IMAGES, folder);
  const env = {
    ...process.env,
    COMPOSE_PROJECT_NAME: name,
    IMAGE_TAG: name,
    KAFKA_PORT: String(kafkaPort),
    POSTGRES_PORT: String(postgresPort),
    API_PORT: String(ports.api),
    PROMETHEUS_PORT: String(ports.prometheus),
    ALERTMANAGER_PORT: String(ports.alertmanager),
    GRAFANA_PORT: String(grafanaPort),
    POSTGRES_PASSWORD: password,
    FILES: folder,
    // Its calls are those of a month that may be past, or still to come.
    FAIRTALLY_TOPICS: 'cdr,starts-before-days=36500,starts-after-days=36500',
  };
  const compose = async (...args: readonly string[]): Promise<string> => {
    const read = ['docker-compose.yml', ...files].map((file) => `--file=${file}`);
    const command = ['compose', ...read, '--ansi=never', '--progress=quiet', ...args];
    const { stdout } = await run('docker', command, { cwd: PROJECT_ROOT, env, maxBuffer: OUTPUT_BYTES });
    return stdout;
  };
  const forget = reapAtEnd({ kind: 'compose', project: name, folder: PROJECT_ROOT });
  return {
    brokers: `127.0.0.1:${kafkaPort}`,
    databaseUrl: `postgres://fairtally:${password}@127.0.0.1:${postgresPort}/fairtally`,
    urls: {
      api: `http://127.0.0.1:${ports.api}`,
      prometheus: `http://127.0.0.1:${ports.prometheus}`,
      alertmanager: `http://127.0.0.1:${ports.alertmanager}`,
      grafana: `http://127.0.0.1:${grafanaPort}`,
    },
    password,
    monitoring,
    compose,
    logs: () => compose('--profile=*', 'logs', '--no-color', `--tail=${LOG_LINES}`),
    async close() {
      await compose('--profile=*', 'down', '--volumes', '--remove-orphans', '--timeout=5');
      await run('docker', ['image', 'rm', '--force', `fairtally:${name}`]);
      forget();
    },
  };
}

async function needEngine(): Promise<void> {
  try {
    await run('docker', ['compose', 'version']);
    await run('docker', ['info']);
  } catch (cause) {
    throw new Error('Cannot test the containers: no Docker engine with compose answers. Install Docker', { cause });
  }
}
