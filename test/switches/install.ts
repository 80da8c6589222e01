import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** A Debian release whose Asterisk is taken where this one has none. */
const RELEASE_WITH_ASTERISK = 'bullseye';
const CACHE = process.env['SWITCHES_CACHE'] ?? '/var/cache/fairtally-switches';

// Each throws with what a person can do where it fails: nothing is skipped.

/** Debian's packages of Kamailio: its module `acc_json` is in one, what that needs in the other. */
const KAMAILIO = ['kamailio', 'kamailio-extra-modules', 'kamailio-json-modules'];

/** Installs Kamailio and sipp by apt, where they are not there. */
export function installKamailio(): void {
  if (KAMAILIO.some((name) => run('dpkg', ['-s', name]).status !== 0)) aptInstall(KAMAILIO);
  installSipp();
}

function installSipp(): void {
  if (!isThere('sipp')) aptInstall(['sip-tester']);
}

/**
 * Installs Asterisk and sipp where they are not there: by apt or, where this Debian release has no Asterisk, another
 * one with debootstrap into a folder that is kept. Returns the root of the file system that has it: `/`, or that
 * folder.
 */
export function installAsterisk(): string {
  installSipp();
  return asteriskRoot();
}

function asteriskRoot(): string {
  if (isThere('asterisk')) return '/';
  const root = join(CACHE, `asterisk-${RELEASE_WITH_ASTERISK}`);
  if (existsSync(join(root, 'usr/sbin/asterisk'))) return root;
  if (/Candidate: \d/.test(run('apt-cache', ['policy', 'asterisk']).stdout)) {
    aptInstall(['asterisk']);
    return '/';
  }
  if (!isThere('debootstrap')) aptInstall(['debootstrap']);
  const building = `${root}.${process.pid}`;
  rmSync(building, { recursive: true, force: true });
  mkdirSync(CACHE, { recursive: true });
  const what = `install Debian ${RELEASE_WITH_ASTERISK} into ${building}, for its Asterisk`;
  mustRun(what, 'debootstrap', ['--variant=minbase', RELEASE_WITH_ASTERISK, building, mirror()]);
  const install = 'apt-get update && apt-get install -y --no-install-recommends asterisk';
  mustRun(`install Asterisk in ${building}`, 'chroot', [building, 'sh', '-c', install]);
  renameSync(building, root);
  return root;
}

/** The mirror that apt has this Debian from. */
function mirror(): string {
  const folder = '/etc/apt/sources.list.d';
  const files = [
    '/etc/apt/sources.list',
    ...(existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []),
  ];
  const text = files
    .filter((file) => /\.(?:list|sources)$/.test(file) && existsSync(file))
    .map((file) => readFileSync(file, 'utf8'));
  const found = /^(?:URIs:|deb(?: \[[^\]]*\])?) *(https?:\S*\/debian\/?)(?:\s|$)/m.exec(text.join('\n'))?.[1];
  if (found === undefined) throw cannot('find the mirror of Debian', 'no file of /etc/apt names one');
  return found;
}

function isThere(program: string): boolean {
  return run('which', [program]).status === 0;
}

let isUpdated = false;

function aptInstall(packages: readonly string[]): void {
  const what = `install ${packages.join(' ')}`;
  if (!isUpdated) mustRun(what, 'apt-get', ['update']);
  isUpdated = true;
  mustRun(what, 'apt-get', ['install', '-y', '--no-install-recommends', ...packages]);
}

function run(program: string, args: readonly string[]) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], env, maxBuffer: 1 << 28 });
}

function mustRun(what: string, program: string, args: readonly string[]): void {
  const { status, stderr, error } = run(program, args);
  if (status === 0) return;
  throw cannot(what, error?.message ?? (stderr.trim().split('\n').slice(-3).join(' / ') || `it ended with ${status}`));
}

function cannot(what: string, state: string): Error {
  return new Error(
    `Cannot ${what}: ${state}. Real switches are tested on Debian, as root, with a mirror to install from: install ` +
      `kamailio, kamailio-json-modules, sip-tester and asterisk (or debootstrap) and run it again`,
  );
}
