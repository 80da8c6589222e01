import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskCsv, maskText, maskValue } from '../../api/masking.ts';

describe('maskText()', () => {
  it.each([
    ['+33612345678', '+3361234****'],
    ['0033612345678', '003361234****'],
    ['06 12 34 56 78', '06 12 34 ** **'],
    ['06.12.34.56.78', '06.12.34.**.**'],
    ['+33 (0)6-12-34-56-78', '+33 (0)6-12-34-**-**'],
    ['sip:+33612345678@192.0.2.10;user=phone', 'sip:+3361234****@192.0.2.10;user=phone'],
    ['u33612345678x', 'u3361234****x'],
    ['%2B33612345678', '%2B3361234****'],
    ['3\u00006\u00001\u00002\u00003\u00004\u00005\u00006', '3\u00006\u00001\u00002\u0000*\u0000*\u0000*\u0000*'],
    ['٠١٢٣٤٥٦٧٨٩', '٠١٢٣٤٥****'],
    ['called +33612345678 and +33145000000 twice', 'called +3361234**** and +3314500**** twice'],
    ['33612345678abcdef', '3361234****abcdef'],
    ['{"to":"33612345678"}', '{"to":"3361234****"}'],
    ['192.0.2.101.55', '192.0.2.1**.**'],
  ])('masks the last four digits of each number in %j', (text, masked) => {
    expect(maskText(text)).toBe(masked);
  });

  it.each([
    '2026-11-03T10:00:00.000Z',
    '2026-11-03 10:15:00 by Anne',
    'in 2026-11, 163 numbers of 150',
    '0c1f5d3a-9b51-4b6e-8a21-1234567890ab',
    'test@b3390cfd99db0aa4',
    'da39a3ee5e6b4b0d3255bfef95601890afd80709',
    '192.168.100.200/24 and 10.11.12.13',
    '3900',
    '12:00:00',
  ])('leaves %j as it is', (text) => {
    expect(maskText(text)).toBe(text);
  });

  it('leaves no number of 9 to 15 digits whole, whatever stands around it', () => {
    const number = fc.stringMatching(/^[1-9]\d{8,14}$/);
    const around = fc.oneof(
      fc.string({ maxLength: 12 }),
      fc.constantFrom('+', '00', 'sip:', '"', '@', '-', ' ', '.', 'a'),
    );
    fc.assert(
      fc.property(around, number, around, (before, digits, after) => {
        expect(maskText(before + digits + after)).not.toContain(digits);
      }),
      { seed: Number(process.env['SEED'] ?? 20_261_129), numRuns: 2_000 },
    );
  });
});

describe('maskValue()', () => {
  it('masks numbers wherever they are, and leaves money, counts, places and cursors', () => {
    const value = {
      charge: '12345678.120000',
      called: 33_612_345_678,
      durationMs: 86_400_000,
      position: 123_456_789,
      next: 'AQ1234567890123Zz-bc',
      call: '1234567890123456',
      rateDeck: 'test@1234567890123456',
      numbers: [{ number: '+33612345678', callId: 'c-33612345678', '+33612345678': true }],
      note: 'he asked for 06 12 34 56 78',
      startedAt: '2026-11-03T10:00:00.000Z',
    };
    expect(maskValue(value)).toEqual({
      ...value,
      called: '3361234****',
      numbers: [{ number: '+3361234****', callId: 'c-3361234****', '+3361234****': true }],
      note: 'he asked for 06 12 34 ** **',
    });
    expect(maskValue({ record: { call: '33612345678', line: '+33140000001' } })).toEqual({
      record: { call: '3361234****', line: '+3314000****' },
    });
  });

  it('masks bytes that are no text', () => {
    const bytes = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('to=33612345678')]);
    const { record } = maskValue({ record: bytes.toString('base64'), encoding: 'base64' }) as { record: string };
    expect(Buffer.from(record, 'base64').toString('latin1')).toBe('ÿþto=3361234****');
  });
});

describe('maskCsv()', () => {
  it('masks cells, and leaves amounts', () => {
    expect(maskCsv('a,+33612345678,12345678.120000\r\n"x ""06 12 34 56 78""",1,2026-11-03T10:00:00.000Z\r\n')).toBe(
      'a,+3361234****,12345678.120000\r\n"x ""06 12 34 ** **""",1,2026-11-03T10:00:00.000Z\r\n',
    );
  });
});
