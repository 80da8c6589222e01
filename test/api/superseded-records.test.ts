import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PARIS, call } from '../services/small-ledger.ts';
import { DATABASE_KINDS } from '../support/test-database.ts';
import { ApiUnderTest } from './api-under-test.ts';

describe.each(DATABASE_KINDS)('GET /v1/quarantine, on %s', (kind) => {
  let api: ApiUnderTest;
  beforeAll(async () => {
    api = await ApiUnderTest.open(kind);
  });
  afterAll(() => api.close());

  it('tells of a record that a later revision replaced, which waits no longer', async () => {
    const corrected = JSON.parse(call('mended', PARIS, '2026-10-04T10:00:00.000Z', 'L77')) as object;
    await api.ledger.deliver([JSON.stringify(corrected)]);
    const { no } = (await api.get('/v1/quarantine')).json.records[0];
    await api.ledger.deliver([JSON.stringify({ ...corrected, line: 'L1', revision: 1 })]);
    const list = (await api.get('/v1/quarantine')).json;
    expect(list.records).toEqual([]);
    expect(list.counts).toEqual([{ reason: 'superseded', state: 'superseded', records: 1 }]);
    const detail = "Revision '0' of call 'mended' was superseded by a later one";
    expect((await api.get(`/v1/quarantine/${no}`)).json).toMatchObject({ state: 'superseded', detail });
    const explained = (await api.get('/v1/calls/mended')).json;
    expect(explained.calls).toMatchObject([{ line: 'L1' }]);
    expect(explained.quarantine).toMatchObject([{ no, state: 'superseded', reason: 'superseded', detail }]);
  });
});
