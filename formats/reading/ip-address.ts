import { isIP } from 'node:net';

/**
 * Whether a text is an IPv4 or IPv6 address, and nothing else: no port, no prefix, no zone. A zone (`::1%eth0`) names
 * an interface of the machine that wrote it, so that elsewhere it says nothing.
 */
export function isAddress(text: string): boolean {
  return isIP(text) !== 0 && !text.includes('%');
}

/** What earlier versions took for one: the ledger has such records. */
export function isKeptAddress(text: string): boolean {
  return isIP(text) !== 0;
}
