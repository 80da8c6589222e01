import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { claimKey, renewClaim } from '../../ledger/index.ts';
import { smallForfaitInReview } from '../rules/offers-for-test.ts';
import { call } from '../services/small-ledger.ts';
import { DATABASE_KINDS } from '../support/test-database.ts';
import { ApiUnderTest, type Answer, type Loose } from './api-under-test.ts';

const CONDITION = 'distinct-numbers';
const WEBHOOKS = { master: Buffer.alloc(32, 7), allowsPrivate: true, version: '0.0.0' };
const HOOK = { url: 'http://127.0.0.1:9/', events: ['case.opened'] };

let keys = 0;
const keyed = (): Record<string, string> => ({ 'idempotency-key': `key ${keys++}` });

describe.each(DATABASE_KINDS)('a write whose answer could not be kept, on %s', (kind) => {
  let api: ApiUnderTest;

  beforeAll(async () => {
    api = await ApiUnderTest.open(kind, { offers: [smallForfaitInReview('small')], webhooks: WEBHOOKS });
    const calls = ['L1', 'L2'].flatMap((line) =>
      Array.from({ length: 5 }, (_, at) =>
        call(`${line}-${at}`, `+3361234560${at}`, `2026-10-0${1 + at}T10:00:00Z`, line),
      ),
    );
    await api.ledger.deliver(calls);
  });
  afterEach(() => answersCanBeKept());
  afterAll(() => api.close());

  /** As if the process ended, or the database went away, after the write and before its answer is kept. */
  async function answersCannotBeKept(): Promise<void> {
    await api.db.query(
      `create or replace function no_answer() returns trigger language plpgsql as
       $$ begin raise exception 'broken'; end $$`,
    );
    await api.db.query(
      `create or replace trigger no_answer before update of answer on idempotency_key
       for each row execute function no_answer()`,
    );
  }
  async function answersCanBeKept(): Promise<void> {
    await api.db.query('drop trigger if exists no_answer on idempotency_key');
  }
  /** Asks once in vain, and once more. */
  async function twice(path: string, body: unknown, headers = keyed()): Promise<Answer> {
    await answersCannotBeKept();
    expect((await api.send('POST', path, body, headers)).status).toBe(500);
    await answersCanBeKept();
    return api.send('POST', path, body, headers);
  }
  const actsOn = async (line: string): Promise<number> => {
    const [row] = await api.db.query<{ acts: number }>(
      'select count(*)::int as acts from case_act a join line l on l.no = a.line where l.id = $1',
      [line],
    );
    return row!.acts;
  };
  const decisionsOn = async (line: string): Promise<string[]> => {
    const { json } = await api.get(`/v1/cases/${line}/2026-10`);
    const { breaches } = json.summary as Loose;
    return breaches.flatMap((one: Loose) => one.decisions.map((decision: Loose) => decision.kind));
  };

  const decide = (decision: string): Promise<Answer> =>
    api.send('POST', '/v1/cases/L2/2026-10/decisions', { condition: CONDITION, decision, note: 'x' });
  const undo = (undoes?: string): Promise<Answer> =>
    api.send('POST', '/v1/cases/L2/2026-10/undo', { condition: CONDITION, note: 'x', undoes });

  it('is done once: webhooks, and their secrets', async () => {
    const made = await twice('/v1/webhooks', HOOK);
    expect(made.status).toBe(201);
    expect((await api.get('/v1/webhooks')).json.webhooks).toHaveLength(1);
    expect((await twice(`/v1/webhooks/${made.json.id}/rotations`, undefined)).status).toBe(200);
    expect(await api.db.query('select generation from webhook_endpoint')).toEqual([{ generation: 2 }]);
  });

  it('is done once: what is done to a case, and to several', async () => {
    const note = { kind: 'note', note: 'seen' };
    expect((await twice('/v1/cases/L1/2026-10/acts', note)).status).toBe(200);
    expect(await actsOn('L1')).toBe(1);
    const cases = ['L1', 'L2'].map((line) => ({ line, period: '2026-10' }));
    expect((await twice('/v1/cases/bulk', { cases, count: 2, act: note })).json).toMatchObject({ done: 2 });
    expect([await actsOn('L1'), await actsOn('L2')]).toEqual([2, 1]);
  });

  it('is done once: decisions, and what undoes them', async () => {
    const decision = { condition: CONDITION, decision: 'confirm', note: 'x' };
    const confirmed = await twice('/v1/cases/L1/2026-10/decisions', decision);
    expect(confirmed.json).toMatchObject({ decision: 'confirm', isKept: true });
    expect(await decisionsOn('L1')).toEqual(['confirm']);
    const headers = keyed();
    const undone = await twice('/v1/cases/L1/2026-10/undo', { condition: CONDITION, note: 'x' }, headers);
    expect(undone.json).toMatchObject({ decision: 'reopen' });
    expect(await decisionsOn('L1')).toEqual(['confirm', 'reopen']);
    const again = await api.send('POST', '/v1/cases/L1/2026-10/undo', { condition: CONDITION, note: 'x' }, headers);
    expect([again.text, again.headers.get('idempotency-replayed')]).toEqual([undone.text, 'true']);
  });

  it('is not done by another who has seen another decision', async () => {
    const { effectiveAt } = (await decide('confirm')).json;
    const last: string = (await decide('dismiss')).json.effectiveAt;
    expect(await undo(effectiveAt)).toMatchObject({ status: 409, json: { code: 'undo-outdated' } });
    expect((await undo(last)).json).toMatchObject({ decision: 'confirm' });
    expect(await undo(last)).toMatchObject({ status: 409, json: { code: 'undo-outdated' } });
    expect(await decisionsOn('L2')).toEqual(['confirm', 'dismiss', 'confirm']);
  });

  it('takes one undo, however often a verdict was given, and one more to give it again', async () => {
    // A verdict stands from the test before: begin with none.
    await decide('reopen');
    const { charge } = (await decide('confirm')).json.effect;
    const back = `-${charge}`;
    for (let again = 0; again < 2; again++) expect((await decide('confirm')).json.effect.calls).toBe(0);
    expect((await undo()).json).toMatchObject({ decision: 'reopen', effect: { charge: back } });
    expect((await undo()).json).toMatchObject({ decision: 'confirm', effect: { charge } });
    expect((await undo()).json).toMatchObject({ decision: 'reopen', effect: { charge: back } });
    await decide('confirm');
    for (let again = 0; again < 2; again++) await decide('dismiss');
    expect((await undo()).json).toMatchObject({ decision: 'confirm', effect: { charge } });
  });

  it('waits where another process does it, until that has ended', async () => {
    const path = '/v1/cases/bulk';
    const cases = [{ line: 'L1', period: '2026-10' }];
    const body = {
      cases,
      count: 1,
      act: { kind: 'decide', decision: 'dismiss', condition: CONDITION, note: 'x' },
      dryRun: false,
    };
    const headers = keyed();
    const [{ id: holder }] = (await api.db.query<{ id: string }>(
      'select id from api_key order by created_at limit 1',
    )) as [{ id: string }];
    const place = { holder, key: headers['idempotency-key']! };
    const asked = createHash('sha256').update(`POST ${path}\n`).update(JSON.stringify(body)).digest();
    expect(await claimKey(api.db, place, asked)).toBe(true);
    const busy = await api.send('POST', path, body, headers);
    expect(busy).toMatchObject({ status: 409, json: { code: 'request-under-way' } });
    expect(busy.headers.get('retry-after')).toBe('2');
    await api.db.query(`update idempotency_key set begun_at = begun_at - interval '61 s' where key = $1`, [place.key]);
    await renewClaim(api.db, place);
    expect((await api.send('POST', path, body, headers)).status).toBe(409);
    await api.db.query(`update idempotency_key set begun_at = begun_at - interval '61 s' where key = $1`, [place.key]);
    expect((await api.send('POST', path, body, headers)).json).toMatchObject({ done: 1 });
  });

  it.each([
    // What is asked, how many cases that is, the answer, and to how many it was done.
    ['the same twice', ['L1', 'L1'], 1, 200, 1],
    ['more than was seen', ['L1', 'L1'], 2, 409, 0],
    ['an id that reads like words', ['L1" state:"open', 'L1'], 2, 200, 1],
    ['an id that reads like two', ['L1,L2'], 1, 200, 0],
  ])('takes cases by their keys: %s', async (_what, lines, count, status, acts) => {
    const cases = lines.map((line) => ({ line, period: '2026-10' }));
    const before = await actsOn('L1');
    const done = await api.send('POST', '/v1/cases/bulk', { cases, count, act: { kind: 'note', note: 'n' } });
    expect(done.status).toBe(status);
    expect(await actsOn('L1')).toBe(before + acts);
  });
});
