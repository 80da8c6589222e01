import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIPv4 } from 'node:net';

/** A certificate and its private key, as PEM texts. */
export interface Identity {
  readonly certificate: string;
  readonly key: string;
}

export interface Subject {
  readonly name: string;
  /** Names and IPv4 addresses under which a server is found; a client's certificate has none. */
  readonly hosts?: readonly string[];
  /** It was valid until yesterday. */
  readonly isExpired?: boolean;
}

/** Signs certificates. */
export interface Authority {
  /** Its own, which whoever trusts it knows. */
  readonly certificate: string;
  issue(subject: Subject): Identity;
}

const DAY_MS = 86_400_000;

/**
 * A certificate authority that lasts as long as a test. Node.js makes keys and signs, but makes no certificates;
 * neither openssl nor keytool is on every machine, and a package would bring some ten others. So the fields without
 * which OpenSSL and Java take no certificate (RFC 5280, section 4) are written here.
 */
export function makeAuthority(name: string): Authority {
  const keys = newKeys();
  const own = { subject: { name }, publicKey: keys.publicKey, isAuthority: true };
  return {
    certificate: certificateOf(own, name, keys.privateKey),
    issue(subject) {
      const { publicKey, privateKey } = newKeys();
      const certificate = certificateOf({ subject, publicKey, isAuthority: false }, name, keys.privateKey);
      return { certificate, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
    },
  };
}

/** The same key, to be read with a passphrase only. */
export function encryptKey(key: string, passphrase: string): string {
  const cipher = { cipher: 'aes-256-cbc', passphrase };
  return createPrivateKey(key)
    .export({ type: 'pkcs8', format: 'pem', ...cipher })
    .toString();
}

function newKeys(): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

interface Certified {
  readonly subject: Subject;
  readonly publicKey: KeyObject;
  readonly isAuthority: boolean;
}

/** Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signatureValue } */
function certificateOf({ subject, publicKey, isAuthority }: Certified, issuer: string, key: KeyObject): string {
  const { name, hosts = [], isExpired = false } = subject;
  const until = Date.now() + (isExpired ? -DAY_MS : DAY_MS);
  const extensions = [...(isAuthority ? [IS_AUTHORITY] : []), ...(hosts.length > 0 ? [alternativeNames(hosts)] : [])];
  const toBeSigned = sequence(
    explicit(0, integer(Buffer.from([VERSION_3]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    ECDSA_WITH_SHA256,
    nameOf(issuer),
    sequence(utcTime(until - 2 * DAY_MS), utcTime(until)),
    nameOf(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    ...(extensions.length > 0 ? [explicit(3, sequence(...extensions))] : []),
  );
  const signature = sign('sha256', toBeSigned, key);
  const der = sequence(toBeSigned, ECDSA_WITH_SHA256, element(0x03, Buffer.from([0]), signature));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

/** Versions count from 0. */
const VERSION_3 = 2;
const ECDSA_WITH_SHA256 = sequence(oid('2a8648ce3d040302'));
const COMMON_NAME = oid('550403');
const SUBJECT_ALTERNATIVE_NAME = oid('551d11');
const BASIC_CONSTRAINTS = oid('551d13');
const TRUE = element(0x01, Buffer.from([0xff]));
/** Critical: who does not understand it must not trust the certificate. */
const IS_AUTHORITY = sequence(BASIC_CONSTRAINTS, TRUE, octets(sequence(TRUE)));

function nameOf(commonName: string): Buffer {
  return sequence(element(0x31, sequence(COMMON_NAME, element(0x0c, Buffer.from(commonName)))));
}

/** GeneralNames: dNSName is [2], iPAddress [7]. */
function alternativeNames(hosts: readonly string[]): Buffer {
  const names = hosts.map((host) =>
    isIPv4(host) ? element(0x87, Buffer.from(host.split('.').map(Number))) : element(0x82, Buffer.from(host)),
  );
  return sequence(SUBJECT_ALTERNATIVE_NAME, octets(sequence(...names)));
}

/** `YYMMDDhhmmssZ`. */
function utcTime(at: number): Buffer {
  const digits = new Date(at).toISOString().replaceAll(/\D/g, '');
  return element(0x17, Buffer.from(`${digits.slice(2, 14)}Z`));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return element(0x30, ...parts);
}

/** @param bytes the first below 0x80: the number is not negative */
function integer(bytes: Buffer): Buffer {
  return element(0x02, bytes);
}

function octets(content: Buffer): Buffer {
  return element(0x04, content);
}

function oid(hex: string): Buffer {
  return element(0x06, Buffer.from(hex, 'hex'));
}

function explicit(tag: number, content: Buffer): Buffer {
  return element(0xa0 + tag, content);
}

/** An element in DER (ITU-T X.690): its tag, the length of its content, the content. */
function element(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  if (length < 0x100) return Buffer.concat([Buffer.from([tag, 0x81, length]), content]);
  return Buffer.concat([Buffer.from([tag, 0x82, length >> 8, length & 0xff]), content]);
}
