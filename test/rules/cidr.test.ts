import { BlockList, isIP } from 'node:net';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cidrContains, parseCidr } from '../../rules/cidr.ts';

function contains(network: string, address: string): boolean {
  const cidr = parseCidr(network);
  if (cidr === null) throw new Error(`'${network}' is no network`);
  return cidrContains(cidr, address);
}

describe('cidrContains()', () => {
  test.each([
    // network            address                in it
    ['192.0.2.0/24', '192.0.2.0', true],
    ['192.0.2.0/24', '192.0.2.255', true],
    ['192.0.2.0/24', '192.0.3.0', false],
    ['192.0.2.0/24', '192.0.1.255', false],
    ['192.0.2.7', '192.0.2.7', true],
    ['192.0.2.7/32', '192.0.2.6', false],
    ['0.0.0.0/0', '255.255.255.255', true],
    ['128.0.0.0/1', '127.255.255.255', false],
    ['128.0.0.0/1', '200.0.0.1', true],
    ['192.0.2.0/24', '::ffff:192.0.2.9', true],
    ['192.0.2.0/24', '::ffff:c000:0209', true],
    ['::ffff:192.0.2.0/120', '192.0.2.9', true],
    ['192.0.2.0/24', '2001:db8::1', false],
    ['2001:db8::/32', '2001:db8:ffff::1', true],
    ['2001:db8::/32', '2001:db9::', false],
    ['2001:db8:0:8::/61', '2001:db8:0:f::1', true],
    ['2001:db8:0:8::/61', '2001:db8:0:10::1', false],
    ['2001:db8::/32', '192.0.2.1', false],
    ['fe80::/10', 'fe80::1%eth0', true],
    ['192.0.2.0/24', 'no address', false],
    ['192.0.2.0/24', '', false],
  ])('%s holds %s: %s', (network, address, isIn) => expect(contains(network, address)).toBe(isIn));

  test('agrees with node:net on random networks and addresses', () => {
    const length = fc.nat(128);
    fc.assert(
      fc.property(
        fc.constantFrom(4, 6),
        fc.ipV4(),
        fc.ipV6(),
        fc.ipV4(),
        fc.ipV6(),
        length,
        (family, n4, n6, a4, a6, bits) => {
          const [base, address] = family === 4 ? [n4, a4] : [n6, a6];
          const prefixLength = family === 4 ? bits % 33 : bits;
          const list = new BlockList();
          list.addSubnet(base, prefixLength, family === 4 ? 'ipv4' : 'ipv6');
          const cidr = parseCidr(`${base}/${prefixLength}`);
          if (cidr === null) return;
          expect(cidrContains(cidr, base)).toBe(true);
          expect(cidrContains(cidr, address)).toBe(list.check(address, family === 4 ? 'ipv4' : 'ipv6'));
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('reads every text that node:net takes for an address, and no other', () => {
    const text = fc.oneof(fc.ipV4(), fc.ipV6(), fc.ipV4Extended(), fc.stringMatching(/^[0-9a-f:.]{1,20}$/));
    fc.assert(
      fc.property(text, (address) => {
        expect(parseCidr(address) !== null).toBe(isIP(address) !== 0);
      }),
      { numRuns: 5000 },
    );
  });
});

describe('parseCidr()', () => {
  test.each([
    '192.0.2.5/24',
    '192.0.2.0/33',
    '192.0.2.0/',
    '192.0.2.0/024',
    '192.0.2/24',
    '2001:db8::1/32',
    '::/129',
    'fe80::1%eth0/64',
    '1::2::3',
    '',
  ])('refuses %s', (text) => expect(parseCidr(text)).toBeNull());
});
