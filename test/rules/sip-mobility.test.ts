import { describe, expect, it } from 'vitest';
import { sipMobility, type CallFacts } from '../../rules/index.ts';
import { callFacts, network } from './call-facts-for-test.ts';

const DEVICES = ['Yealink SIP-T46U *', 'Gigaset N670'];
const NETWORKS = [network('192.0.2.0/24'), network('2001:db8::/32')];
const FOREIGN: Partial<CallFacts> = {
  userAgent: 'Linphone/5.1',
  sourceIp: '203.0.113.9',
  devices: DEVICES,
  networks: NETWORKS,
};

function evidenceOf(given: Partial<CallFacts>) {
  const flags = sipMobility.flagsOf(callFacts(given), {});
  if (flags === 0) return null;
  expect(flags & ~sipMobility.flags).toBe(0);
  const call = { switchId: 'sbc-1', callId: 'c1', legId: '', startedAt: 0 };
  return sipMobility.findingOf({
    call,
    flags,
    usageClass: 'business',
    userAgent: null,
    sourceIp: null,
    registration: null,
  }).why;
}

describe('the evidence of a call: article 7, sip-mobility', () => {
  it.each([
    ['provisioning says used', { mobility: 'used' }, 'provisioning'],
    ['the switch says used', { mobilityUsed: true }, 'switch'],
    ['device and network are both foreign', FOREIGN, 'foreign-device-and-network'],
  ] satisfies [string, Partial<CallFacts>, string][])('is shown where %s', (_, given, why) => {
    expect(evidenceOf(given)).toBe(why);
  });

  it('names the strongest evidence: provisioning, then the switch, then device and network', () => {
    expect(evidenceOf({ ...FOREIGN, mobilityUsed: true, mobility: 'used' })).toBe('provisioning');
    expect(evidenceOf({ ...FOREIGN, mobilityUsed: true })).toBe('switch');
  });

  it.each([
    ['nothing is known', {}],
    ['provisioning says off', { mobility: 'off' }],
    ['the switch says not used', { mobilityUsed: false }],
    ['the record has no user agent', { ...FOREIGN, userAgent: null }],
    ['the record has no source address', { ...FOREIGN, sourceIp: null }],
    ['the source address is no address', { ...FOREIGN, sourceIp: 'unknown' }],
    ['no device is provisioned', { ...FOREIGN, devices: [] }],
    ['no network is provisioned', { ...FOREIGN, networks: [] }],
  ] satisfies [string, Partial<CallFacts>][])('is unknown, so no breach, where %s', (_, given) => {
    expect(evidenceOf(given)).toBeNull();
  });

  it.each([
    ['a foreign device on a network of the line', { sourceIp: '192.0.2.255' }],
    ['a foreign device on an IPv6 network of the line', { sourceIp: '2001:db8:1::7' }],
    ['a managed device on a foreign network', { userAgent: 'Gigaset N670' }],
    ['a managed device with other firmware on a foreign network', { userAgent: 'Yealink SIP-T46U 108.87.0.1' }],
  ] satisfies [string, Partial<CallFacts>][])('is not shown by one of the two alone: %s', (_, given) => {
    expect(evidenceOf({ ...FOREIGN, ...given })).toBeNull();
  });

  it('is shown just outside the network, and by a user agent that only begins like a managed one', () => {
    expect(evidenceOf({ ...FOREIGN, sourceIp: '192.0.3.0' })).toBe('foreign-device-and-network');
    expect(evidenceOf({ ...FOREIGN, userAgent: 'Gigaset N670 rooted' })).toBe('foreign-device-and-network');
  });

  it('is never shown by a forwarded leg: the device of the user did not place it', () => {
    expect(evidenceOf({ ...FOREIGN, mobility: 'used', mobilityUsed: true, isForwarded: true })).toBeNull();
  });
});
