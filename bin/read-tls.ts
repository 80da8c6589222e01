import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { resolve } from 'node:path';
import type { TlsSettings } from '../kafka/index.ts';
import { readSmallFile } from './read-whole-file.ts';
import { quotedValue, STREAM_SETTINGS, type StreamSettingName } from './stream-settings.ts';
import { whyOf } from './system-fault.ts';

/** Bundles of authorities have some hundred kB. */
const MOST_PEM_BYTES = 4 * 1024 * 1024;

type Values = Readonly<Partial<Record<StreamSettingName, string>>>;

/**
 * TLS as it is set; `null`: in plain text. Certificates and keys are looked at here, so that a wrong one is told at
 * once: brokers only say that they refuse it, and Node.js takes a file without an authority for one that trusts
 * nobody.
 */
export function readTls(values: Values, folder: string, faults: string[]): TlsSettings | null {
  const { tlsCaFile, tlsCertFile, tlsKeyFile, tlsKeyPassphrase } = values;
  const files = [tlsCaFile, tlsCertFile, tlsKeyFile];
  if (values.tls !== 'true') {
    if (files.some((file) => file !== undefined))
      faults.push(`Cannot use KAFKA_TLS_…_FILE without KAFKA_TLS=true: the connection would be in plain text`);
    return null;
  }
  if ((tlsCertFile === undefined) !== (tlsKeyFile === undefined)) {
    faults.push('Cannot use one of KAFKA_TLS_CERT_FILE and KAFKA_TLS_KEY_FILE without the other');
  }
  if (tlsKeyPassphrase !== undefined && tlsKeyFile === undefined) {
    faults.push('Cannot use KAFKA_TLS_KEY_PASSPHRASE without KAFKA_TLS_KEY_FILE');
  }
  const read = <T>(setting: FileSetting, parse: (text: string) => T): T | null => {
    const file = values[setting];
    try {
      return file === undefined ? null : parse(readSmallFile(resolve(folder, file), MOST_PEM_BYTES).toString('utf8'));
    } catch (error) {
      const why = error instanceof UnusablePem ? error.message : whyOf(error);
      faults.push(`Cannot use ${STREAM_SETTINGS[setting].variable} ${quotedValue(setting, file ?? '')}: ${why}`);
      return null;
    }
  };
  const ca = read('tlsCaFile', certificateIn);
  const cert = read('tlsCertFile', certificateIn);
  const key = read('tlsKeyFile', (text) => keyIn(text, tlsKeyPassphrase));
  if (cert !== null && key !== null && !cert.first.checkPrivateKey(key)) {
    faults.push(
      `Cannot use KAFKA_TLS_KEY_FILE '${tlsKeyFile}': it is not the key of KAFKA_TLS_CERT_FILE '${tlsCertFile}'`,
    );
  }
  return {
    ...(ca === null ? {} : { ca: ca.text }),
    ...(cert === null ? {} : { cert: cert.text }),
    ...(key === null ? {} : { key: key.export({ type: 'pkcs8', format: 'pem' }).toString() }),
  };
}

/** A file that could be read, and does not hold what it must. */
class UnusablePem extends Error {}

type FileSetting = 'tlsCaFile' | 'tlsCertFile' | 'tlsKeyFile';

/** A file may hold several: authorities, or those that signed our certificate. */
function certificateIn(text: string): { readonly text: string; readonly first: X509Certificate } {
  try {
    return { text, first: new X509Certificate(text) };
  } catch (cause) {
    throw new UnusablePem('it holds no certificate as PEM text', { cause });
  }
}

function keyIn(text: string, passphrase: string | undefined): KeyObject {
  const isEncrypted = /^-----BEGIN ENCRYPTED|^Proc-Type: 4,ENCRYPTED/m.test(text);
  if (isEncrypted && passphrase === undefined) {
    throw new UnusablePem('it is encrypted, and KAFKA_TLS_KEY_PASSPHRASE is not set');
  }
  try {
    return createPrivateKey(isEncrypted && passphrase !== undefined ? { key: text, passphrase } : text);
  } catch (cause) {
    const why = isEncrypted ? 'KAFKA_TLS_KEY_PASSPHRASE does not open it' : 'it holds no private key as PEM text';
    throw new UnusablePem(why, { cause });
  }
}
