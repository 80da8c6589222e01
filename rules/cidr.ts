/**
 * An IP network. An IPv4 network, also one written as IPv4-mapped IPv6, is its first address and mask as 32-bit
 * integers.
 */
export type Cidr =
  | { readonly kind: 'ipv4'; readonly base: number; readonly mask: number }
  | { readonly kind: 'ipv6'; readonly groups: readonly number[]; readonly prefixLength: number };

/**
 * Parses `192.0.2.0/24`, `2001:db8::/32` or a bare address, which is a network of one. `null` when the text is no
 * network: bad address, prefix too long, or bits set behind the prefix (`192.0.2.5/24` leaves open which was meant).
 */
export function parseCidr(text: string): Cidr | null {
  const slash = text.indexOf('/');
  const address = slash < 0 ? text : text.slice(0, slash);
  if (address.includes('%')) return null;
  const ipv4 = parseIpv4(address);
  const groups = ipv4 < 0 ? parseIpv6(address) : null;
  if (ipv4 < 0 && groups === null) return null;
  const longest = groups === null ? 32 : 128;
  const prefixLength = slash < 0 ? longest : parsePrefixLength(text.slice(slash + 1), longest);
  if (prefixLength === null) return null;
  if (groups === null) return ipv4Network(ipv4, prefixLength);
  const mapped = mappedIpv4(groups);
  return mapped >= 0 && prefixLength >= 96 ? ipv4Network(mapped, prefixLength - 96) : ipv6Network(groups, prefixLength);
}

/** Whether the text is an IPv4 or IPv6 address, with a zone or without: records of earlier versions may have one. */
export function isIpAddress(text: string): boolean {
  return parseIpv4(text) >= 0 || parseIpv6(text) !== null;
}

/**
 * Whether the network holds the address. An IPv4-mapped IPv6 address is its IPv4 address; a zone (`%eth0`) is ignored.
 * A text that is no address is in no network: ask `isIpAddress` before taking that for a foreign one.
 */
export function cidrContains(cidr: Cidr, address: string): boolean {
  const ipv4 = parseIpv4(address);
  if (cidr.kind === 'ipv4' && ipv4 >= 0) return (ipv4 & cidr.mask) === cidr.base;
  const groups = ipv4 < 0 ? parseIpv6(address) : null;
  if (groups === null) return false;
  const mapped = mappedIpv4(groups);
  if (cidr.kind === 'ipv4') return mapped >= 0 && (mapped & cidr.mask) === cidr.base;
  return groups.every((group, index) => (group & groupMask(cidr.prefixLength, index)) === cidr.groups[index]);
}

function parsePrefixLength(text: string, longest: number): number | null {
  if (!/^(?:0|[1-9]\d{0,2})$/.test(text)) return null;
  return Number(text) <= longest ? Number(text) : null;
}

function ipv4Network(address: number, prefixLength: number): Cidr | null {
  const mask = prefixLength === 0 ? 0 : -1 << (32 - prefixLength);
  const base = address & mask;
  return base >>> 0 === address ? { kind: 'ipv4', base, mask } : null;
}

function ipv6Network(groups: readonly number[], prefixLength: number): Cidr | null {
  const hasHostBits = groups.some((group, index) => (group & groupMask(prefixLength, index)) !== group);
  return hasHostBits ? null : { kind: 'ipv6', groups, prefixLength };
}

/** Mask of the group of 16 bits at `index` under a prefix. */
function groupMask(prefixLength: number, index: number): number {
  const bits = Math.min(16, Math.max(0, prefixLength - index * 16));
  return (0xffff << (16 - bits)) & 0xffff;
}

/** Four decimal numbers without leading zeros, as an unsigned 32-bit integer; -1 when the text is no IPv4 address. */
function parseIpv4(text: string): number {
  if (text.length > 15) return -1;
  let address = 0;
  let part = -1;
  let parts = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit === -2) {
      if (part < 0) return -1;
      address = address * 256 + part;
      parts++;
      part = -1;
    } else {
      if (digit < 0 || digit > 9 || part === 0) return -1;
      part = part < 0 ? digit : part * 10 + digit;
      if (part > 255) return -1;
    }
  }
  return parts === 3 && part >= 0 ? address * 256 + part : -1;
}

/** Eight groups of 16 bits; `null` when the text is no IPv6 address (RFC 4291, section 2.2, with an RFC 4007 zone). */
function parseIpv6(text: string): readonly number[] | null {
  const zone = text.indexOf('%');
  if (zone === 0 || zone === text.length - 1) return null;
  const halves = (zone < 0 ? text : text.slice(0, zone)).split('::');
  if (halves.length > 2) return null;
  const [head, tail] = halves;
  const before = parseGroups(head ?? '', tail === undefined);
  const after = parseGroups(tail ?? '', true);
  if (before === null || after === null) return null;
  const missing = 8 - before.length - after.length;
  if (tail === undefined) return missing === 0 ? before : null;
  return missing >= 1 ? [...before, ...Array.from({ length: missing }, () => 0), ...after] : null;
}

/** Groups between colons; the last may be an IPv4 address where the text ends there. */
function parseGroups(text: string, isEnd: boolean): number[] | null {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    const ipv4 = isEnd && index === parts.length - 1 ? parseIpv4(part) : -1;
    if (ipv4 >= 0) groups.push(Math.floor(ipv4 / 65_536), ipv4 % 65_536);
    else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16));
    else return null;
  }
  return groups.length <= 8 ? groups : null;
}

/** The IPv4 address of `::ffff:a.b.c.d`, -1 for any other. */
function mappedIpv4(groups: readonly number[]): number {
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  return isMapped ? (groups[6] ?? 0) * 65_536 + (groups[7] ?? 0) : -1;
}
