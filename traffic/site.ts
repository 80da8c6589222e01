import type { Random } from './random.ts';

/** Where the phones of an account stand: the networks that are provisioned, and the addresses their calls come from. */
export interface Site {
  readonly networks: readonly string[];
  readonly address: (random: Random) => string;
}

/** The site of an account: one in ten speaks IPv6, one in ten is in a documentation range, the others are in 10/8. */
export function siteOf(account: number): Site {
  if (account % 10 === 3) {
    const prefix = `2001:db8:${(account >>> 16).toString(16)}:${(account & 0xffff).toString(16)}`;
    return { networks: [`${prefix}::/64`], address: (random) => `${prefix}::${random.between(1, 254).toString(16)}` };
  }
  if (account % 10 === 6) return ipv4Site(`192.0.2`, 8 * (Math.floor(account / 10) % 32));
  return ipv4Site(`10.${(account >>> 13) & 127}.${(account >>> 5) & 255}`, 8 * (account & 31));
}

function ipv4Site(net: string, base: number): Site {
  return { networks: [`${net}.${base}/29`], address: (random) => `${net}.${base + random.between(1, 6)}` };
}

/** An address in a network that is nobody's site: a mobile carrier, a hotel, a hosting company. */
export function foreignAddress(random: Random): string {
  switch (random.below(4)) {
    case 0:
      return `198.51.100.${random.between(1, 254)}`;
    case 1:
      return `2001:db8:f00d::${random.between(1, 65_534).toString(16)}`;
    case 2:
      return `10.250.${random.below(256)}.${random.between(1, 254)}`;
    default:
      return `203.0.113.${random.between(1, 254)}`;
  }
}
