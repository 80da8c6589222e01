/** A phone that the operator supplies: how it is provisioned, and what it says before and after a firmware upgrade. */
export interface DeviceModel {
  /** As in `devices.csv`: the trailing `*` takes any firmware. */
  readonly pattern: string;
  readonly before: string;
  readonly after: string;
}

export const managedModels: readonly DeviceModel[] = [
  { pattern: 'Yealink SIP-T46U *', before: 'Yealink SIP-T46U 108.86.0.20', after: 'Yealink SIP-T46U 108.87.0.15' },
  { pattern: 'Yealink SIP-T54W *', before: 'Yealink SIP-T54W 96.86.0.75', after: 'Yealink SIP-T54W 96.87.0.10' },
  { pattern: 'Yealink SIP-T33G *', before: 'Yealink SIP-T33G 124.86.0.40', after: 'Yealink SIP-T33G 124.86.0.75' },
  { pattern: 'Snom D785/*', before: 'Snom D785/10.1.169.16', after: 'Snom D785/10.1.184.15' },
  { pattern: 'snomPA1/*', before: 'snomPA1/8.7.3.25', after: 'snomPA1/8.9.3.80' },
  {
    pattern: 'Gigaset N510 IP PRO/*',
    before: 'Gigaset N510 IP PRO/42.258.00.000.000',
    after: 'Gigaset N510 IP PRO/42.263.00.000.000',
  },
  {
    pattern: 'Gigaset N870 IP PRO/*',
    before: 'Gigaset N870 IP PRO/83.V2.48.0',
    after: 'Gigaset N870 IP PRO/83.V2.57.0',
  },
  { pattern: 'Poly VVX 250/*', before: 'Poly VVX 250/6.4.5.1120', after: 'Poly VVX 250/6.4.6.2494' },
];

/** Softphones that a customer sets up with the line's SIP login. */
export const softphones: readonly string[] = [
  'Zoiper v2.10.20.6',
  'Linphone-Desktop/5.2.4 (belle-sip/5.3.47)',
  'Bria 6.6.0 stamp 113405',
  'MicroSIP/3.21.5',
  'Groundwire/6.7.12',
];

/** Switchboards and gateways that the operator did not supply. */
export const customerPbxs: readonly string[] = [
  'Asterisk PBX 20.9.2',
  'FPBX-16.0.40(18.20.0)',
  '3CXPhoneSystem 20.0.5.3 (1)',
  'FreeSWITCH-mod_sofia/1.10.11-release',
  'Yeastar S50 30.15.0.60',
];

export const scanners: readonly string[] = ['friendly-scanner', 'eyeBeam release 1105a stamp 56793'];
