import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDefaultOffer } from '../../bin/set-up-ledger.ts';
import { smallForfait99, smallForfaitInReview } from '../rules/offers-for-test.ts';
import { BARBADOS, MOBILE, PARIS, lineOf } from '../services/small-ledger.ts';
import { plan } from '../support/ledger-under-test.ts';
import { billedCalls } from '../support/posted-ledger.ts';
import { DATABASE_KINDS } from '../support/test-database.ts';
import { ApiUnderTest, keyOf } from './api-under-test.ts';

/** A line under another offer than the default. */
function under(id: string, number: number, offer: string) {
  const line = lineOf(id, number);
  return { ...line, spans: line.spans.map((span) => ({ ...span, offer })) };
}

const SEED = { seed: Number(process.env['SEED'] ?? 20_261_129) };
const NUMBERS = [PARIS, MOBILE, BARBADOS, '+33145000001', '+33145000002', '+33612345679', '3949', '15'];

describe.each(DATABASE_KINDS)('GET /v1/quote, on %s', (kind) => {
  let api: ApiUnderTest;
  beforeAll(async () => {
    api = await ApiUnderTest.open(kind, {
      lines: [
        lineOf('L1', 33_140_000_001),
        under('S1', 33_140_000_011, 'small'),
        under('S2', 33_140_000_012, 'small'),
        under('S3', 33_140_000_013, 'small'),
        under('R1', 33_140_000_014, 'review'),
      ],
      offers: [smallForfait99('small'), smallForfaitInReview('review'), readDefaultOffer(plan)],
    });
  });
  afterAll(() => api.close());

  const quote = (asked: Record<string, string>, headers: Record<string, string> = {}) =>
    api.send('GET', `/v1/quote?${new URLSearchParams(asked).toString()}`, undefined, headers);

  it('says what a call would cost, why, and what is left of the month', async () => {
    const { status, json: body } = await quote({
      line: 'L1',
      number: BARBADOS,
      at: '2026-11-03T10:00:00Z',
      duration: '90',
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      line: 'L1',
      account: 'L1',
      number: { e164: BARBADOS, shown: '+1 246 555 0100' },
      destination: 'Barbade',
      coverage: 'metered',
      reason: 'not-in-offer',
      currency: 'EUR',
      pricePerMinute: '0.400000',
      connectionCharge: '0.000000',
      price: '0.800000',
      distinctNumbers: { used: 0, limit: 150, left: 150, isNew: true },
      validUntil: '2026-11-30T23:00:00.000Z',
    });
    const paris = await quote({ line: '+33140000001', number: '0145000000', at: '2026-11-03T10:00:00Z' });
    expect(paris.json).toMatchObject({
      coverage: 'included',
      price: '0.000000',
      meteredPrice: '0.020000',
      why: expect.any(String) as unknown,
    });
  });

  it('is about now where no instant is named, and follows the calls that come', async () => {
    const before = await quote({ line: 'L1', number: MOBILE });
    expect(before.json).toMatchObject({ distinctNumbers: { used: 0, left: 150, isNew: true } });
    const answered = new Date().toISOString();
    await api.send('POST', '/v1/cdrs', {
      v: 1,
      switch: 'sbc',
      call: 'now',
      line: 'L1',
      to: MOBILE,
      answered,
      durationMs: 1_000,
    });
    const after = await quote({ line: 'L1', number: MOBILE });
    expect(after.json).toMatchObject({ distinctNumbers: { used: 1, left: 149, isNew: false } });
  });

  it.each([
    [{ line: 'L9', number: PARIS }, 404, 'line-unknown'],
    [{ line: 'L1', number: 'x' }, 400, 'quote-unrated'],
    [{ line: 'L1', number: '+4420794609' }, 400, 'quote-unrated'],
    [{ line: 'L1' }, 400, 'invalid-request'],
    [{ line: 'L1', number: PARIS, at: 'soon' }, 400, 'invalid-request'],
    [{ line: 'L1', number: PARIS, duration: '-1' }, 400, 'invalid-request'],
    [{ line: 'L1', number: PARIS, limit: '1' }, 400, 'invalid-request'],
  ])('refuses %j', async (asked, status, code) => {
    expect(await quote(asked)).toMatchObject({ status, json: { code } });
  });

  it('says from when to when a line is in force that is not then, and to another account nothing', async () => {
    const begins = await quote({ line: 'L1', number: PARIS, at: '2020-01-01T00:00:00+01:00' });
    expect(begins).toMatchObject({
      status: 409,
      json: {
        code: 'quote-not-in-force',
        values: { line: 'L1', at: '2019-12-31T23:00:00.000Z', inForce: 'from 2020-01-01T00:00:00.000Z on' },
      },
    });
    const span = { usageClass: 'business', number: '+33140000031' };
    await api.send('POST', '/v1/lines', {
      lines: [
        {
          id: 'E1',
          account: 'L1',
          spans: [
            { ...span, from: '2026-01-01T00:00:00Z', to: '2026-02-01T00:00:00Z' },
            { ...span, from: '2026-02-01T00:00:00Z', to: '2026-03-01T00:00:00Z', usageClass: 'residential' },
            { ...span, from: '2026-04-01T00:00:00Z', to: '2026-05-01T00:00:00Z' },
          ],
        },
      ],
    });
    const inForce =
      'from 2026-01-01T00:00:00.000Z to 2026-03-01T00:00:00.000Z, and ' +
      'from 2026-04-01T00:00:00.000Z to 2026-05-01T00:00:00.000Z';
    for (const line of ['E1', '+33140000031', '0140000031']) {
      const ended = await quote({ line, number: PARIS, at: '2026-06-01T00:00:00Z' });
      expect(ended).toMatchObject({ status: 409, json: { code: 'quote-not-in-force', values: { line, inForce } } });
      const between = await quote({ line, number: PARIS, at: '2026-03-01T00:00:00Z' });
      expect(between).toMatchObject({ status: 409, json: { code: 'quote-not-in-force' } });
      const last = await quote({ line, number: PARIS, at: '2026-02-28T23:59:59.999Z' });
      expect(last.status).toBe(200);
    }
    const key = await keyOf(api.ledger.db, ['quotes:read'], 'S1');
    const other = await quote(
      { line: 'E1', number: PARIS, at: '2026-06-01T00:00:00Z' },
      { authorization: `Bearer ${key}` },
    );
    expect(other).toMatchObject({ status: 404, json: { code: 'not-found' } });
  });

  it('shows a key of one account no line of another', async () => {
    const key = await keyOf(api.ledger.db, ['quotes:read'], 'L1');
    const headers = { authorization: `Bearer ${key}` };
    expect((await quote({ line: 'L1', number: PARIS }, headers)).status).toBe(200);
    expect((await quote({ line: 'S1', number: PARIS }, headers)).status).toBe(404);
  });

  it('is what the call then costs, whichever calls came before and after', async () => {
    const calls = fc.record({
      line: fc.constantFrom('S1', 'S2', 'S3', 'R1', 'L1'),
      number: fc.constantFrom(...NUMBERS),
      minute: fc.integer({ min: 0, max: 60 * 24 * 29 }),
      seconds: fc.constantFrom(0, 1, 59, 60, 61, 600, 7_200),
    });
    let count = 0;
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(calls, async ({ line, number, minute, seconds }) => {
        const answered = new Date(Date.UTC(2026, 9, 1, 0, minute)).toISOString();
        const { status, json: body } = await quote({ line, number, at: answered, duration: String(seconds) });
        const id = `property-${count++}`;
        const durationMs = seconds * 1000;
        const record = { v: 1, switch: 'sbc', call: id, line, to: number, answered, durationMs };
        const posted = await api.send('POST', '/v1/cdrs', record);
        if (status !== 200) {
          const { detail } = body as { detail: string };
          const [{ reason }] = (posted.json as { records: [{ reason: string }] }).records;
          return detail.endsWith(`since '${reason}'`);
        }
        const billed = (await billedCalls(api.ledger.db)).get(JSON.stringify(['sbc', id, '']));
        seen.add(billed?.reason ?? '');
        const { coverage, reason, charge, meteredPrice, billedSeconds } = billed!;
        expect(body).toMatchObject({ coverage, reason, billedSeconds });
        expect(Number((body as { price: string }).price)).toBe(Number(charge));
        expect(Number((body as { meteredPrice: string }).meteredPrice)).toBe(Number(meteredPrice));
        return true;
      }),
      { numRuns: 60, endOnFailure: true, ...SEED },
    );
    expect([...seen]).toEqual(expect.arrayContaining(['not-in-offer', 'distinct-numbers']));
  });
});
