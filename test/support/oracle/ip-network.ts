interface Address {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

function parseIpv4(text: string): bigint | null {
  const parts = text.split('.');
  if (parts.length !== 4 || parts.some((part) => !/^\d{1,3}$/.test(part) || Number(part) > 255)) return null;
  return parts.reduce((value, part) => value * 256n + BigInt(part), 0n);
}

function groupsOf(text: string): bigint[] | null {
  if (text === '') return [];
  const groups: bigint[] = [];
  for (const part of text.split(':')) {
    if (part.includes('.')) {
      const tail = parseIpv4(part);
      if (tail === null) return null;
      groups.push(tail >> 16n, tail & 0xffffn);
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(BigInt(`0x${part}`));
    else return null;
  }
  return groups;
}

function parseIpv6(text: string): bigint | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const head = groupsOf(halves[0] ?? '');
  const tail = groupsOf(halves[1] ?? '');
  if (head === null || tail === null) return null;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  const groups = [...head, ...Array.from({ length: missing }, () => 0n), ...tail];
  return groups.reduce((value, group) => value * 65_536n + group, 0n);
}

/**
 * An address, or `null` when the text is none. An IPv4 address mapped into IPv6 (`::ffff:a.b.c.d`) is that IPv4
 * address.
 */
function parseAddress(text: string): Address | null {
  const ipv4 = parseIpv4(text);
  if (ipv4 !== null) return { bits: 32, value: ipv4 };
  const ipv6 = parseIpv6(text);
  if (ipv6 === null) return null;
  return ipv6 >> 32n === 0xffffn ? { bits: 32, value: ipv6 & 0xffff_ffffn } : { bits: 128, value: ipv6 };
}

/** Whether a text is an IPv4 or IPv6 address at all: what is none shows nothing. */
export function isAddress(text: string): boolean {
  return parseAddress(text) !== null;
}

/** Whether an address lies in a network in CIDR notation. Throws when the network is none. */
export function networkContains(cidr: string, address: string): boolean {
  const [base = '', length] = cidr.split('/');
  const network = parseAddress(base);
  if (network === null) throw new Error(`Cannot read network "${cidr}"`);
  const candidate = parseAddress(address);
  if (candidate === null || candidate.bits !== network.bits) return false;
  const hostBits = BigInt(network.bits - Number(length ?? network.bits));
  return candidate.value >> hostBits === network.value >> hostBits;
}
