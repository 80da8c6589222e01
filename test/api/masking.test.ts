import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CsvMask, maskText, maskValue } from '../../api/masking.ts';

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
    ['06 - 12 - 34 - 56 - 78', '06 - 12 - 34 - ** - **'],
    ['06:12:34:56:78', '06:12:34:**:**'],
    ['06, 12, 34, 56, 78', '06, 12, 34, **, **'],
    ['+33 6:12:34:56:78', '+33 6:12:34:**:**'],
    ['33612345678.00', '3361234****.**'],
    ['33612345678 33145000000', '3361******* ***********'],
    ['06 12 34 56 78 06 98 76 54 32', '06 12 ** ** ** ** ** ** ** **'],
    ['0612345678 - 123', '061234**** - ***'],
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
    'lines 10, 20 and 30 of 12:00:00',
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
      before: 1_234_567,
      event: '12-34567890',
      deliveries: [{ event: '1-2345678' }],
      consumers: [{ cursor: 'AQ1234567890123Zz-bc' }],
      preview: { id: 'WzEsIkwxIiwyMDI2MTA1678901', position: '1:23456789' },
      upTo: { 12: 123_456_789 },
      version: '1234567890123456',
      hash: '1'.repeat(64),
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

  it('leaves instants in evidence the numbers that they are, and no number that bears their name', () => {
    const evidence = {
      breachFrom: 1_794_299_242_602,
      firstCall: { startedAt: 978_307_200_000, called: 33_612_345_678 },
    };
    expect(maskValue({ evidence })).toEqual({
      evidence: { ...evidence, firstCall: { startedAt: 978_307_200_000, called: '3361234****' } },
    });
    expect(maskValue({ startedAt: 33_612_345_678, record: { startedAt: 1_794_299_242_602 } })).toEqual({
      startedAt: '3361234****',
      record: { startedAt: '179429924****' },
    });
  });

  it('masks what only bears the name of something else', () => {
    const id = 'line-33612345678';
    const masked = 'line-3361234****';
    expect(maskValue({ id, lines: [{ id, next: id, offer: id, version: id }], page: { next: id } })).toEqual({
      id: masked,
      lines: [{ id: masked, next: masked, offer: masked, version: masked }],
      page: { next: masked },
    });
    expect(maskValue({ called: '33612345678.00', dialled: '06.12345678' })).toEqual({
      called: '3361234****.**',
      dialled: '06.1234****',
    });
    const said = { next: '33612345678', charge: '336123456.78', version: '1336123456780000', position: '6:12345678' };
    for (const field of ['subject', 'values', 'record']) {
      expect(JSON.stringify(maskValue({ [field]: said }))).not.toMatch(/456\.?78|5678|0000/);
    }
    expect(maskValue({ webhooks: [{ id: 'ab1234567890' }], id: 'ab1234567890' }, ['webhooks/id'])).toEqual({
      webhooks: [{ id: 'ab1234567890' }],
      id: 'ab123456****',
    });
  });

  it('masks bytes that are no text', () => {
    const bytes = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('to=33612345678')]);
    const { record } = maskValue({ record: bytes.toString('base64'), encoding: 'base64' }) as { record: string };
    expect(Buffer.from(record, 'base64').toString('latin1')).toBe('ÿþto=3361234****');
  });
});

describe('CsvMask', () => {
  it('masks cells, and leaves amounts and counts in the columns of such', () => {
    const rows = new CsvMask();
    expect(rows.mask('call,duration_ms,number,charge\r\n"x ""06 12 34 56 78""",1234567,')).toBe(
      'call,duration_ms,number,charge\r\n"x ""06 12 34 ** **""",1234567,',
    );
    const more = new CsvMask();
    more.mask('call,duration_ms,number,charge\r\n');
    expect(more.mask('1,1234567,+33612345678,12345678.120000\r\n1234567,+1234567,12345678.120000,336\r\n')).toBe(
      '1,1234567,+3361234****,12345678.120000\r\n123****,+123****,1234****.12****,336\r\n',
    );
  });
});
