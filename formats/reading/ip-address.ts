import { isIP } from 'node:net';

/**
 * Whether a text is an IPv4 or IPv6 address, and nothing else: no port, no prefix, no zone. A zone (`::1%eth0`) names
 * an interface of the machine that wrote it, so that elsewhere it says nothing.
 */
export function isAddress(text: string): boolean {
  return isIP(text) !== 0 && !text.includes('%');
}

/**
 * The address in a text as switches write it: with a scheme or a transport, a user, a port, parameters, or in brackets;
 * `''` where it has none. An IPv6 address without brackets has no port: it would be part of the address.
 */
export function addressIn(text: string): string {
  // Most records say nothing of it: what looks for an address in an empty text takes a microsecond.
  if (text === '') return '';
  if (isAddress(text)) return text;
  const host = text.trim().replace(/^<?(?:(?:sips?|udp|tcp|tls|wss?|sctp):)?(?:[^@;>]*@)?/i, '');
  const bracketed = /^\[([^\]]+)\]/.exec(host)?.[1];
  const plain = bracketed ?? (isAddress(host) ? host : (/^[^:;>/?\s]+/.exec(host)?.[0] ?? ''));
  return isAddress(plain) ? plain : '';
}

/** What earlier versions took for one: the ledger has such records. */
export function isKeptAddress(text: string): boolean {
  return isIP(text) !== 0;
}
