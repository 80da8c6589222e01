import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const TO_INSTALL =
  `Cannot open a browser: there is no ${PLACES.join(', ')}. On Debian, as root: ` +
  `'apt-get install chromium'; elsewhere set CHROMIUM to the path of one`;

/** Installs Debian's browser where there is none and we may. Fails with what to install: nothing is skipped. */
export function installBrowser(): void {
  if (browserPath() !== undefined) return;
  if (process.getuid?.() !== 0) throw new Error(TO_INSTALL);
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'chromium']]) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const { status, stderr, error } = spawnSync('apt-get', ['-qq', ...args], { encoding: 'utf8', env });
    if (status !== 0) throw new Error(`${TO_INSTALL}. apt-get: ${error?.message ?? stderr.trim().slice(-500)}`);
  }
  if (browserPath() === undefined) throw new Error(TO_INSTALL);
}

/** The browser that `installBrowser` sees to. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = browserPath();
  if (executablePath === undefined) throw new Error(TO_INSTALL);
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--font-render-hinting=none', '--disable-dev-shm-usage'],
  });
}

function browserPath(): string | undefined {
  const named = process.env['CHROMIUM'] ?? '';
  if (named === '') return PLACES.find((path) => existsSync(path));
  return existsSync(named) ? named : undefined;
}
