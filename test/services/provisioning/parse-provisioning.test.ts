import { describe, expect, test } from 'vitest';
import { parseProvisioning, type ProvisioningTexts } from '../../../services/provisioning/parse-provisioning.ts';
import { compileCivilTime } from '../../../tariffs/index.ts';

const { parseInstant } = compileCivilTime('Europe/Paris');
const header = 'line,account,number,offer,usage_class,mobility,equipment,from,to';
const good: ProvisioningTexts = {
  accounts: 'account,name\nA1,Boulangerie Durand\nA2,"Garage ""du Lac"", Annecy"\n',
  lines: [
    header,
    'L1,A1,+33240000001,full-illimite,business,off,managed,2026-06-01,',
    'L1,A1,+33240000009,,business,,,2026-01-01,2026-06-01',
    'L2,A2,,full-illimite,residential,used,customer-pbx,2026-01-01T00:00:00Z,2027-01-01T00:00:00+01:00',
    'L2,A2,+33240000001,full-illimite,call-centre,,customer-gateway,2025-01-01,2026-01-01',
  ].join('\r\n'),
  devices: 'line,user_agent,from,to\nL1,Yealink SIP-T46U*,2026-03-01,\nL1,"Snom, D385/10",2026-01-01,2026-03-01\n',
  networks: 'to,from,cidr,line\n,2026-01-01,192.0.2.0/24,L1\n,2026-01-01,2001:db8::/48,L1\n',
};

const parse = (changed: Partial<ProvisioningTexts> = {}) =>
  parseProvisioning({ ...good, ...changed }, { parseInstant, offers: ['full-illimite'] });
/** Faults as `file:line column value`. */
const faults = (changed: Partial<ProvisioningTexts>): string[] => {
  const parsed = parse(changed);
  return parsed.kind === 'provisioning'
    ? []
    : parsed.faults.map(({ file, line, column, value }) => `${file}:${line} ${column} ${value}`.trim());
};
const linesWith = (...rows: string[]): Partial<ProvisioningTexts> => ({ lines: `${good.lines}\n${rows.join('\n')}` });

describe('parseProvisioning()', () => {
  test('reads accounts and lines with their spans in order, devices and networks', () => {
    const parsed = parse();
    if (parsed.kind !== 'provisioning') throw new Error(JSON.stringify(parsed.faults));
    expect(parsed.accounts).toEqual([
      { id: 'A1', name: 'Boulangerie Durand' },
      { id: 'A2', name: 'Garage "du Lac", Annecy' },
    ]);
    const june = Date.UTC(2026, 4, 31, 22);
    const january = Date.UTC(2025, 11, 31, 23);
    const march = Date.UTC(2026, 1, 28, 23);
    expect(parsed.lines[0]).toEqual({
      id: 'L1',
      account: 'A1',
      spans: [
        {
          from: january,
          to: june,
          number: 33_240_000_009,
          offer: null,
          usageClass: 'business',
          mobility: 'unknown',
          equipment: 'unknown',
        },
        {
          from: june,
          to: Infinity,
          number: 33_240_000_001,
          offer: 'full-illimite',
          usageClass: 'business',
          mobility: 'off',
          equipment: 'managed',
        },
      ],
      devices: [
        { from: january, to: march, userAgent: 'Snom, D385/10' },
        { from: march, to: Infinity, userAgent: 'Yealink SIP-T46U*' },
      ],
      networks: [
        { from: january, to: Infinity, cidr: '192.0.2.0/24' },
        { from: january, to: Infinity, cidr: '2001:db8::/48' },
      ],
    });
    expect(parsed.lines[1]?.spans[1]).toMatchObject({
      from: Date.UTC(2026, 0, 1),
      to: Date.UTC(2026, 11, 31, 23),
      mobility: 'used',
    });
  });

  test.each<[string, Partial<ProvisioningTexts>, string[]]>([
    ['an unknown account', linesWith('L3,A9,,,business,,,2026-01-01,'), ['lines.csv:6 account A9']],
    [
      'a line that changes its account',
      linesWith('L1,A2,,,business,,,2025-01-01,2025-02-01'),
      ['lines.csv:6 account A2'],
    ],
    [
      'a span that begins in another',
      linesWith('L1,A1,,,business,,,2026-05-31,2026-06-01'),
      ['lines.csv:6 from 2026-05-31'],
    ],
    [
      'every span inside a long one',
      linesWith(
        'L3,A1,,,business,,,2026-01-01,',
        'L3,A1,,,business,,,2026-02-01,2026-03-01',
        'L3,A1,,,business,,,2026-04-01,',
      ),
      ['lines.csv:7 from 2026-02-01', 'lines.csv:8 from 2026-04-01'],
    ],
    [
      'a number that two lines have at once',
      linesWith('L3,A1,+33240000001,,business,,,2026-07-01,'),
      ['lines.csv:6 number +33240000001'],
    ],
    [
      'numbers that are not E.164',
      linesWith(
        'L3,A1,0240000001,,business,,,2026-01-01,',
        'L4,A1,+123456,,business,,,2026-01-01,',
        'L5,A1,+1234567890123456,,business,,,2026-01-01,',
        'L6,A1,+1234567,,business,,,2026-01-01,',
      ),
      ['lines.csv:6 number 0240000001', 'lines.csv:7 number +123456', 'lines.csv:8 number +1234567890123456'],
    ],
    [
      'an unknown class, mobility, equipment and offer',
      linesWith('L3,A1,,gold,other,on,pbx,2026-01-01,'),
      [
        'lines.csv:6 usage_class other',
        'lines.csv:6 mobility on',
        'lines.csv:6 equipment pbx',
        'lines.csv:6 offer gold',
      ],
    ],
    [
      'a class that is a word of JavaScript',
      linesWith('L3,A1,,,constructor,,,2026-01-01,'),
      ['lines.csv:6 usage_class constructor'],
    ],
    [
      'bad instants',
      linesWith('L3,A1,,,business,,,2026-02-30,2026-13-01'),
      ['lines.csv:6 from 2026-02-30', 'lines.csv:6 to 2026-13-01'],
    ],
    [
      'an instant without offset',
      linesWith('L3,A1,,,business,,,2026-02-01T00:00:00,'),
      ['lines.csv:6 from 2026-02-01T00:00:00'],
    ],
    ['an empty span', linesWith('L3,A1,,,business,,,2026-02-01,2026-02-01'), ['lines.csv:6 to 2026-02-01']],
    ['a row that is too short', linesWith('L3,A1,,'), ['lines.csv:6  L3,A1,,']],
    [
      'an account that stands twice',
      { accounts: `${good.accounts}A1,x\n,y\n` },
      ['accounts.csv:4 account A1', 'accounts.csv:5 account'],
    ],
    [
      'unknown, repeated and missing columns',
      { accounts: 'account,Name,account\nA1,x,y\n' },
      ['accounts.csv:1 Name Name', 'accounts.csv:1 account account', 'accounts.csv:1 name name'],
    ],
    ['an empty file', { devices: '' }, ['devices.csv:1']],
    ['a broken quote', { devices: 'line,user_agent,from,to\nL1,"Yea"link,2026-01-01,\n' }, ['devices.csv:2']],
    [
      'devices of an unknown line or of none',
      { devices: 'line,user_agent,from,to\nL9,Snom,2026-01-01,\nL1,*,2026-01-01,\nL1,,x,\n' },
      ['devices.csv:2 line L9', 'devices.csv:3 user_agent *', 'devices.csv:4 from x', 'devices.csv:4 user_agent'],
    ],
    [
      'networks that are none',
      { networks: 'line,cidr,from,to\nL1,192.0.2.1/24,2026-01-01,\nL1,x,2026-01-01,\n' },
      ['networks.csv:2 cidr 192.0.2.1/24', 'networks.csv:3 cidr x'],
    ],
  ])('names %s', (_what, changed, expected) => {
    expect(faults(changed)).toEqual(expected);
  });

  test('says what is wrong with the value quoted', () => {
    const parsed = parse(linesWith('L3,A9,,,business,,,2026-01-01,'));
    expect(parsed).toMatchObject({
      kind: 'faults',
      faults: [
        {
          file: 'lines.csv',
          line: 6,
          column: 'account',
          value: 'A9',
          problem: "Cannot use account 'A9': it is not among the accounts",
        },
      ],
    });
  });

  test('counts lines of the file, also after a field that spans several', () => {
    const accounts = 'account,name\nA1,"two\nlines"\nA2,x\n\nA2,y\n';
    expect(faults({ accounts })).toEqual(['accounts.csv:6 account A2']);
  });
});
