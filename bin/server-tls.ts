import { createPrivateKey, X509Certificate } from 'node:crypto';
import { resolve } from 'node:path';
import { readSmallFile } from './read-whole-file.ts';
import { whyOf } from './system-fault.ts';

/** Bundles of authorities have some hundred kB. */
const MOST_PEM_BYTES = 4 * 1024 * 1024;
const MODES = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify'];

/** What a file that an address names must hold, and what is wrong with a text that does not. */
const FILES = {
  sslrootcert: { parse: (text: string) => new X509Certificate(text), otherwise: 'it holds no certificate as PEM text' },
  sslcert: { parse: (text: string) => new X509Certificate(text), otherwise: 'it holds no certificate as PEM text' },
  sslkey: {
    parse: (text: string) => createPrivateKey(text),
    otherwise: 'it holds no private key as PEM text, or one with a passphrase',
  },
} as const;

/**
 * What is wrong with how the address of a PostgreSQL server, one that can be read, asks for TLS: its mode, and the
 * files it names, which are looked at here, so that a wrong one is told at once. Nothing of the address is quoted but
 * the names of these files.
 */
export function serverTlsFaults(address: string, folder: string): string[] {
  const settings = new URL(address).searchParams;
  const faults: string[] = [];
  const mode = settings.get('sslmode');
  if (mode !== null && !MODES.includes(mode)) {
    faults.push(`its setting 'sslmode' must be one of ${MODES.join(', ')}`);
  }
  if (mode === 'verify-ca' && settings.get('uselibpqcompat') === 'true' && !settings.has('sslrootcert')) {
    faults.push(`its setting 'sslmode' is 'verify-ca', which needs 'sslrootcert'`);
  }
  for (const [setting, { parse, otherwise }] of Object.entries(FILES)) {
    const file = settings.get(setting);
    if (file === null || file === '') continue;
    const why = faultOfFile(resolve(folder, file), parse, otherwise);
    if (why !== null) faults.push(`its setting '${setting}' names the file '${file}': ${why}`);
  }
  return faults;
}

function faultOfFile(path: string, parse: (text: string) => unknown, otherwise: string): string | null {
  let text: string;
  try {
    text = readSmallFile(path, MOST_PEM_BYTES).toString('utf8');
  } catch (error) {
    return whyOf(error);
  }
  try {
    parse(text);
    return null;
  } catch {
    return otherwise;
  }
}
