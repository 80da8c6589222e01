import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const exec = promisify(execFile);

/**
 * Prometheus' `promtool`: that of the PATH, else one kept below the user's cache, which is fetched the first time:
 * from Debian's package `prometheus`, unpacked and not installed, so that no service starts; else as a Go module.
 * Throws with what to do when none of it works.
 */
export async function promtool(): Promise<string> {
  const kept = join(cacheFolder(), 'promtool');
  for (const known of ['promtool', kept]) if (await answers(known)) return known;
  const failures: string[] = [];
  for (const bring of [fromDebian, fromGo]) {
    const folder = await mkdtemp(join(tmpdir(), 'promtool-'));
    try {
      await keep(await bring(folder), kept);
      if (await answers(kept)) return kept;
      failures.push(`${bring.name}: it does not run`);
    } catch (error) {
      failures.push(`${bring.name}: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  throw new Error(
    `Cannot find promtool, which tests the alerts: install Debian's package 'prometheus', or put promtool on the PATH (${failures.join('; ')})`,
  );
}

async function fromDebian(folder: string): Promise<string> {
  // Without a list of packages nothing is found; only root can fetch one.
  if (process.getuid?.() === 0) await exec('apt-get', ['update']).catch(() => undefined);
  await exec('apt-get', ['download', 'prometheus'], { cwd: folder });
  const [file = ''] = (await readdir(folder)).filter((name) => name.endsWith('.deb'));
  await exec('dpkg-deb', ['-x', file, 'package'], { cwd: folder });
  return join(folder, 'package', 'usr', 'bin', 'promtool');
}

async function fromGo(folder: string): Promise<string> {
  await exec('go', ['install', 'github.com/prometheus/prometheus/cmd/promtool@latest'], {
    env: { ...process.env, GOBIN: folder },
  });
  return join(folder, 'promtool');
}

/** In one step, so that a second run never meets half of it. */
async function keep(file: string, kept: string): Promise<void> {
  await mkdir(cacheFolder(), { recursive: true });
  const half = `${kept}.${process.pid}`;
  await cp(file, half);
  await rename(half, kept);
}

function answers(command: string): Promise<boolean> {
  return exec(command, ['--version']).then(
    () => true,
    () => false,
  );
}

function cacheFolder(): string {
  const caches =
    process.env['XDG_CACHE_HOME'] ?? join(homedir(), process.platform === 'darwin' ? 'Library/Caches' : '.cache');
  return join(caches, 'fairtally');
}
