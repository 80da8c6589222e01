import { describe, expect, it } from 'vitest';
import { equipmentEvidence, type CallFacts } from '../../rules/index.ts';
import { callFacts } from './call-facts-for-test.ts';

const SETTINGS = { pbxUserAgents: ['asterisk', 'grandstream ucm', 'gateway'] };
const DEVICES = ['Yealink SIP-T46U *'];

function evidenceOf(given: Partial<CallFacts>) {
  return equipmentEvidence(callFacts(given), SETTINGS);
}

describe('equipmentEvidence(): article 7, equipment', () => {
  it.each(['customer-pbx', 'customer-gateway'] as const)('is breached where provisioning says %s', (equipment) => {
    expect(evidenceOf({ equipment })).toBe('provisioning');
  });

  it.each(['Asterisk PBX 20.1', 'GRANDSTREAM UCM6304', 'ACME Gateway/1.0'])(
    'is breached by the user agent %s of a PBX or gateway, in any case of letters',
    (userAgent) => {
      expect(evidenceOf({ userAgent, devices: DEVICES })).toBe('user-agent');
    },
  );

  it.each([
    ['nothing is known', {}],
    ['provisioning says managed', { equipment: 'managed' }],
    ['the record has no user agent', { devices: DEVICES }],
    ['no device is provisioned', { userAgent: 'Asterisk PBX 20.1' }],
  ] satisfies [string, Partial<CallFacts>][])('is unknown, so no breach, where %s', (_, given) => {
    expect(evidenceOf(given)).toBeNull();
  });

  it.each([
    ['a PBX that is a managed device of the line', 'Asterisk PBX 20.1', ['Asterisk PBX *']],
    ['a managed phone', 'Yealink SIP-T46U 108.86.0.20', DEVICES],
    ['a foreign phone that is no PBX', 'Linphone/5.1', DEVICES],
  ])('is not breached by %s', (_, userAgent, devices) => {
    expect(evidenceOf({ userAgent, devices })).toBeNull();
  });

  it('names provisioning before the user agent', () => {
    expect(evidenceOf({ equipment: 'customer-pbx', userAgent: 'Asterisk', devices: DEVICES })).toBe('provisioning');
  });

  it('is never shown by a forwarded leg: the switch placed it', () => {
    const all: Partial<CallFacts> = { equipment: 'customer-pbx', userAgent: 'Asterisk', devices: DEVICES };
    expect(evidenceOf({ ...all, isForwarded: true })).toBeNull();
  });
});
