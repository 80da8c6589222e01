import { describe, expect, it } from 'vitest';
import { gatherFormatSettings, readFormatSettings, type FormatSettings } from '../../../formats/index.ts';

function faultsOf(settings: FormatSettings): readonly string[] {
  const read = readFormatSettings(settings, (name) => `--${name}`);
  return read.kind === 'faults' ? read.faults : [];
}

describe('settings of a format', () => {
  it('are the same for a command and for a topic', () => {
    const { settings, faults } = gatherFormatSettings([
      ['format', 'freeswitch-event'],
      ['gateway', 'carrier-*'],
      ['gateway', 'backup'],
      ['billed-leg', 'caller'],
      ['user-agent-from', 'sip_h_X-UA'],
    ]);
    expect(faults).toEqual([]);
    const read = readFormatSettings(settings, (name) => `${name}=`);
    expect(read).toMatchObject({
      kind: 'options',
      options: {
        format: 'freeswitch-event',
        freeswitch: { gateways: ['carrier-*', 'backup'], billedLeg: 'caller', userAgentFrom: ['sip_h_X-UA'] },
      },
    });
  });

  it('name the trunks of Asterisk; Master.csv also its switch and time zone', () => {
    expect(faultsOf({ format: 'asterisk-json' })).toEqual([
      'Cannot read Asterisk records without --trunk: which endpoints lead to carriers?',
    ]);
    expect(faultsOf({ format: 'asterisk-json', trunk: ['PJSIP/t'] })).toEqual([]);
    expect(faultsOf({ format: 'asterisk-csv', trunk: ['PJSIP/t'] })).toHaveLength(2);
    expect(faultsOf({ format: 'asterisk-csv', trunk: ['PJSIP/t'], zone: 'UTC', switch: 'ast-1' })).toEqual([]);
  });

  it('are refused, all at once, where they can not be so or the format has no use for them', () => {
    expect(faultsOf({ format: 'cdr', zone: 'Paris', billedLeg: 'both' })).toHaveLength(3);
    expect(faultsOf({ format: 'canonical-ndjson', gateway: ['g'], zone: 'UTC' })).toEqual([
      expect.stringContaining("Cannot use --zone with format 'canonical-ndjson': it is for asterisk-csv"),
      expect.stringContaining("Cannot use --gateway with format 'canonical-ndjson': it is for freeswitch-json"),
    ]);
    expect(gatherFormatSettings([['trunks', 'x']]).faults).toHaveLength(1);
    expect(
      gatherFormatSettings([
        ['zone', 'UTC'],
        ['zone', 'UTC'],
      ]).faults,
    ).toEqual(["Cannot use setting 'zone' twice"]);
  });
});
