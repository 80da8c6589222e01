import { lookup, type LookupAddress } from 'node:dns';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { BlockList, type LookupFunction, isIP } from 'node:net';

/** What came of a POST: the status of the answer, or a code for why there was none. */
export type PostOutcome =
  { readonly kind: 'answered'; readonly status: number } | { readonly kind: 'failed'; readonly fault: string };

const ANSWER_MS = 15_000;
const MOST_ANSWER_BYTES = 65_536;

/** Addresses of this machine, of networks that are private, shared, reserved or for many at once. */
const PRIVATE = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const) {
  PRIVATE.addSubnet(network, bits, 'ipv4');
}
/** Of IPv6 only what is given out to the world, without what leads into IPv4 or nowhere. */
const PUBLIC_6 = new BlockList();
PUBLIC_6.addSubnet('2000::', 3, 'ipv6');
for (const [network, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const) {
  PRIVATE.addSubnet(network, bits, 'ipv6');
}

/** Whether an address is one that the world can't reach, or that none should be reached at. */
export function isPrivateAddress(address: string): boolean {
  if (isIP(address) === 4) return PRIVATE.check(address, 'ipv4');
  return isIP(address) !== 6 || !PUBLIC_6.check(address, 'ipv6') || PRIVATE.check(address, 'ipv6');
}

/** Why a target may not be told; `null`: it may, as far as its URL says. */
export function targetFault(url: string, allowsPrivate: boolean): string | null {
  if (!URL.canParse(url)) return 'it is no URL';
  const { protocol, hostname, username, password } = new URL(url);
  if (protocol !== 'https:' && !(allowsPrivate && protocol === 'http:')) return 'it does not begin with https://';
  if (username !== '' || password !== '') return 'it holds a user or a password';
  const address = hostname.replace(/^\[(.*)\]$/, '$1');
  if (!allowsPrivate && isIP(address) !== 0 && isPrivateAddress(address)) return 'its address is private';
  return null;
}

/**
 * Posts to a target. The name is looked up once, and what it stands for is checked and connected to: no second answer
 * of DNS comes between. Nothing is followed, and little is read.
 */
export function postGuarded(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  allowsPrivate: boolean,
): Promise<PostOutcome> {
  const fault = targetFault(url, allowsPrivate);
  if (fault !== null) return Promise.resolve({ kind: 'failed', fault: 'target-refused' });
  return new Promise((resolve) => {
    const send = url.startsWith('https:') ? requestHttps : requestHttp;
    const asked = send(
      url,
      {
        method: 'POST',
        headers: { ...headers, 'content-length': Buffer.byteLength(body) },
        lookup: checkedLookup(allowsPrivate),
        // A connection that is used again would be to an address of another time.
        agent: false,
        signal: AbortSignal.timeout(ANSWER_MS),
      },
      (answer) => {
        let bytes = 0;
        answer.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > MOST_ANSWER_BYTES) asked.destroy();
        });
        answer.on('error', () => undefined);
        resolve({ kind: 'answered', status: answer.statusCode ?? 0 });
      },
    );
    asked.on('error', (error: NodeJS.ErrnoException) => resolve({ kind: 'failed', fault: faultOf(error) }));
    asked.end(body);
  });
}

function checkedLookup(allowsPrivate: boolean): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      if (error !== null) return callback(error, '', 0);
      const allowed = allowsPrivate ? addresses : addresses.filter(({ address }) => !isPrivateAddress(address));
      const [first] = allowed;
      // One private address among others is a trap, not an accident.
      if (first === undefined || allowed.length < addresses.length) return callback(new PrivateTargetError(), '', 0);
      if (options.all === true) return callback(null, allowed);
      return callback(null, first.address, first.family);
    });
  };
}

class PrivateTargetError extends Error {
  override readonly name = 'PrivateTargetError';
  readonly code = 'target-refused';
}

/** A code, and never a message, which may hold what was sent. */
function faultOf({ code, name }: NodeJS.ErrnoException): string {
  if (name === 'TimeoutError' || code === 'ABORT_ERR') return 'timeout';
  return code !== undefined && /^[\w-]{1,60}$/.test(code) ? code : 'unknown';
}
