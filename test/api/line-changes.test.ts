import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PARIS, call } from '../services/small-ledger.ts';
import { billedCalls } from '../support/posted-ledger.ts';
import { DATABASE_KINDS } from '../support/test-database.ts';
import { type Answer, ApiUnderTest } from './api-under-test.ts';

const SPAN = { from: '2026-01-01', usageClass: 'business', offer: 'full-illimite', mobility: 'off' };
const FOREIGN = { ua: 'Zoiper v5', ip: '198.51.100.7' };
/** Midnight in Paris of the day on which the phones change. */
const FIFTH = '2026-11-04T23:00:00.000Z';

describe.each(DATABASE_KINDS)('dated changes of the phones and networks of a line, on %s', (kind) => {
  let api: ApiUnderTest;
  beforeAll(async () => {
    api = await ApiUnderTest.open(kind);
    await api.send('PUT', '/v1/lines/N1', {
      account: 'L1',
      spans: [SPAN],
      devices: [{ from: '2026-01-01', userAgent: 'Yealink*' }],
      networks: [{ from: '2026-01-01', cidr: '192.0.2.0/24' }],
    });
  });
  afterAll(() => api.close());

  const change = (body: object): Promise<Answer> => api.send('POST', '/v1/lines/N1/changes', body);
  const line = async () => (await api.get('/v1/lines/N1')).json;
  const reasonOf = async (id: string): Promise<string | undefined> =>
    (await billedCalls(api.ledger.db)).get(JSON.stringify(['sbc', id, '']))?.reason;

  it('hold from their day on, and have calls judged by them', async () => {
    const foreign = { ...(JSON.parse(call('away', PARIS, '2026-11-10T10:00:00Z', 'N1')) as object), ...FOREIGN };
    await api.send('POST', '/v1/cdrs', foreign);
    expect(await reasonOf('away')).toBe('sip-mobility');
    const changed = await change({ from: '2026-11-05', devices: ['Yealink*', 'Zoiper*'], note: 'a softphone' });
    expect(changed.json).toMatchObject({ lines: { changed: ['N1'] }, reachesBack: { calls: 1 } });
    expect(await reasonOf('away')).toBe('national-fixed');
    const { spans, devices, networks } = await line();
    expect(spans).toHaveLength(1);
    expect(devices).toEqual([
      { from: '2025-12-31T23:00:00.000Z', to: null, userAgent: 'Yealink*' },
      { from: FIFTH, to: null, userAgent: 'Zoiper*' },
    ]);
    expect(networks).toHaveLength(1);
  });

  it('end what is not named, and leave what was entered for later', async () => {
    await change({ from: '2026-12-01', devices: ['Snom*'] });
    await change({ from: '2026-11-20', devices: ['Snom*', 'Yealink*'], networks: [] });
    const { devices, networks } = await line();
    expect(devices).toEqual([
      { from: '2025-12-31T23:00:00.000Z', to: '2026-11-30T23:00:00.000Z', userAgent: 'Yealink*' },
      { from: FIFTH, to: '2026-11-19T23:00:00.000Z', userAgent: 'Zoiper*' },
      { from: '2026-11-19T23:00:00.000Z', to: '2026-11-30T23:00:00.000Z', userAgent: 'Snom*' },
      { from: '2026-11-30T23:00:00.000Z', to: null, userAgent: 'Snom*' },
    ]);
    expect(networks).toEqual([
      { from: '2025-12-31T23:00:00.000Z', to: '2026-11-19T23:00:00.000Z', cidr: '192.0.2.0/24' },
    ]);
  });

  it('are all kept, or refused, where several are made at once', async () => {
    const made = await Promise.all(
      ['Aastra*', 'Cisco*', 'Mitel*'].map((agent, at) => change({ from: `2027-0${at + 1}-01`, devices: [agent] })),
    );
    const kept = made.filter(({ status }) => status === 200).length;
    expect(kept).toBeGreaterThan(0);
    expect(made.filter(({ json }) => json.code === 'line-changed')).toHaveLength(3 - kept);
    const agents = (await line()).devices.map(({ userAgent }: { readonly userAgent: string }) => userAgent);
    expect(agents.filter((agent: string) => /^(?:Aastra|Cisco|Mitel)/.test(agent))).toHaveLength(kept);
  });

  it.each([
    [{ devices: ['*'] }, '/devices'],
    [{ networks: ['192.0.2.1/24'] }, '/networks'],
    [{ offer: 'nope' }, '/offer'],
    [{ number: '+33140000001' }, '/number'],
  ])('are refused by the field of the change: %j', async (facts, pointer) => {
    const { status, json } = await change({ from: '2026-11-25', ...facts });
    expect([status, json.errors.map((fault: { readonly pointer: string }) => fault.pointer)]).toEqual([400, [pointer]]);
  });

  it('are none of a line that ends, or where nothing is named', async () => {
    expect((await change({ from: '2026-11-25', ends: true, devices: [] })).status).toBe(400);
    expect((await change({ from: '2026-11-25' })).status).toBe(400);
  });
});
