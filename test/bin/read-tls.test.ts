import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTls } from '../../bin/read-tls.ts';
import type { TlsSettings } from '../../kafka/index.ts';
import { encryptKey, makeAuthority } from '../support/certificates.ts';

const authority = makeAuthority('An authority');
const client = authority.issue({ name: 'client' });
const other = authority.issue({ name: 'other' });
const FILES = {
  'ca.pem': authority.certificate,
  'two.pem': `Ours, then another:\n${authority.certificate}${makeAuthority('Another').certificate}`,
  'client.pem': client.certificate,
  'client.key': client.key,
  'encrypted.key': encryptKey(client.key, 'sesame'),
  'other.key': other.key,
  'text.txt': 'AUTHORITY',
  'empty.txt': '',
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fairtally-tls-'));
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text);
});
afterAll(() => rmSync(folder, { recursive: true }));

function read(values: Parameters<typeof readTls>[0]): { readonly tls: TlsSettings | null; readonly faults: string[] } {
  const faults: string[] = [];
  return { tls: readTls({ tls: 'true', ...values }, folder, faults), faults };
}

describe('readTls()', () => {
  it('takes the authorities of Node.js where none is named, and nobody for us', () => {
    expect(read({})).toEqual({ tls: {}, faults: [] });
  });

  it('reads authorities, our certificate and its key, whether that is encrypted or not', () => {
    const { certificate, key } = client;
    const own = { tlsCaFile: 'two.pem', tlsCertFile: 'client.pem' };
    const tls = { ca: FILES['two.pem'], cert: certificate, key };
    expect(read({ ...own, tlsKeyFile: 'client.key' })).toEqual({ tls, faults: [] });
    expect(read({ ...own, tlsKeyFile: 'encrypted.key', tlsKeyPassphrase: 'sesame' })).toEqual({ tls, faults: [] });
    expect(read({ ...own, tlsKeyFile: 'client.key', tlsKeyPassphrase: 'not needed' })).toEqual({ tls, faults: [] });
  });

  const ca = { tlsCaFile: 'ca.pem' };
  const cert = { tlsCertFile: 'client.pem' };
  it.each([
    [{ tlsCaFile: 'text.txt' }, `KAFKA_TLS_CA_FILE 'text.txt': it holds no certificate as PEM text`],
    [{ tlsCaFile: 'empty.txt' }, `KAFKA_TLS_CA_FILE 'empty.txt': it holds no certificate as PEM text`],
    [{ tlsCaFile: 'client.key' }, `KAFKA_TLS_CA_FILE 'client.key': it holds no certificate as PEM text`],
    [{ tlsCertFile: 'text.txt', tlsKeyFile: 'client.key' }, `KAFKA_TLS_CERT_FILE 'text.txt': it holds no certificate`],
    [{ ...cert, tlsKeyFile: 'client.pem' }, `KAFKA_TLS_KEY_FILE 'client.pem': it holds no private key as PEM text`],
    [{ ...cert, tlsKeyFile: 'other.key' }, `'other.key': it is not the key of KAFKA_TLS_CERT_FILE 'client.pem'`],
    [
      { ...cert, tlsKeyFile: 'encrypted.key' },
      `'encrypted.key': it is encrypted, and KAFKA_TLS_KEY_PASSPHRASE is not set`,
    ],
    [
      { ...cert, tlsKeyFile: 'encrypted.key', tlsKeyPassphrase: 'hush' },
      `'encrypted.key': KAFKA_TLS_KEY_PASSPHRASE does not open it`,
    ],
    [{ ...ca, tlsKeyPassphrase: 'hush' }, `Cannot use KAFKA_TLS_KEY_PASSPHRASE without KAFKA_TLS_KEY_FILE`],
    [{ ...ca, tls: 'false' }, 'without KAFKA_TLS=true'],
  ])('refuses %o', (values, why) => {
    const { faults } = read(values);
    expect(faults).toEqual([expect.stringContaining(why)]);
    expect(faults.join()).not.toContain('hush');
  });
});
