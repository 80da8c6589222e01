import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PresentPeople } from '../../api/presence.ts';
import { smallForfaitInReview } from '../rules/offers-for-test.ts';
import { ApiUnderTest } from './api-under-test.ts';

describe('PresentPeople', () => {
  const ada = { id: 'a', name: 'Ada' };
  const zoe = { id: 'z', name: 'Zoé' };

  it('knows who came, for as long as he says so', () => {
    const people = new PresentPeople();
    expect(people.note('case', ada, true, 0)).toEqual([]);
    expect(people.note('case', zoe, true, 10_000)).toEqual([{ name: 'Ada', since: 0 }]);
    expect(people.note('other', zoe, true, 10_000)).toEqual([]);
    expect(people.note('case', ada, true, 20_000)).toEqual([{ name: 'Zoé', since: 10_000 }]);
    expect(people.note('case', zoe, true, 59_999)).toEqual([{ name: 'Ada', since: 0 }]);
    expect(people.note('case', zoe, true, 60_000)).toEqual([]);
    expect(people.note('case', zoe, false, 60_001)).toEqual([]);
    expect(people.note('case', ada, true, 60_002)).toEqual([]);
  });

  it('forgets the case that was not heard of for longest, where there are too many', () => {
    const people = new PresentPeople();
    for (let no = 0; no < 10_001; no += 1) people.note(`case ${no}`, ada, true, 0);
    expect(people.note('case 0', zoe, true, 1)).toEqual([]);
    expect(people.note('case 10000', zoe, true, 1)).toEqual([{ name: 'Ada', since: 0 }]);
  });
});

describe('PUT /v1/cases/:line/:period/presence', () => {
  let api: ApiUnderTest;
  beforeAll(async () => {
    api = await ApiUnderTest.open('pglite', { offers: [smallForfaitInReview('small')] });
    await api.ledger.deliver(
      [1, 2, 3, 4].map((no) =>
        JSON.stringify({
          v: 1,
          switch: 'sbc',
          call: `c${no}`,
          line: 'L1',
          to: `+3361234560${no}`,
          answered: '2026-10-01T10:00:00Z',
          durationMs: 60_000,
        }),
      ),
    );
  });
  afterAll(() => api.close());

  it('shows two holders of keys each other; one of another account sees no case', async () => {
    const zoe = await api.keyFor(['cases:read'], undefined, 'Zoé');
    const path = '/v1/cases/L1/2026-10/presence';
    expect((await api.send('PUT', path, {})).json).toEqual({ v: 1, others: [] });
    const { json } = await api.ask('PUT', path, { key: zoe, body: {} });
    expect(json).toEqual({ v: 1, others: [{ name: 'test', since: expect.stringMatching(/Z$/) }] });
    await api.send('PUT', path, { isHere: false });
    expect((await api.ask('PUT', path, { key: zoe, body: {} })).json).toEqual({ v: 1, others: [] });
    const ofOther = await api.keyFor(['cases:read'], 'L2');
    expect((await api.ask('PUT', path, { key: ofOther, body: {} })).status).toBe(404);
    expect((await api.send('PUT', '/v1/cases/L2/2026-10/presence', {})).status).toBe(404);
  });
});
