import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AuditTrail, verifyAudit } from '../../services/index.ts';
import { BARBADOS, PARIS, call } from '../services/small-ledger.ts';
import { smallForfaitInReview } from '../rules/offers-for-test.ts';
import { DATABASE_KINDS } from '../support/test-database.ts';
import { ApiUnderTest, type Loose } from './api-under-test.ts';

describe.each(DATABASE_KINDS)('the audit, on %s', (kind) => {
  let api: ApiUnderTest;
  let auditor: string;

  beforeAll(async () => {
    api = await ApiUnderTest.open(kind, { offers: [smallForfaitInReview('small')] });
    await api.ledger.deliver([
      call('a', PARIS, '2026-10-01T10:00:00Z'),
      ...[1, 2, 3, 4].map((index) => call(`b${index}`, `+3314500000${index}`, '2026-10-02T10:00:00Z')),
      call('c', BARBADOS, '2026-10-03T10:00:00Z'),
    ]);
    auditor = await api.keyFor(['audit:read', 'numbers:read'], undefined, 'auditor');
  });
  afterAll(() => api.close());

  const records = async (): Promise<Loose[]> =>
    (await api.get('/v1/audit', { key: auditor })).json.records.toReversed();

  it('has who read, exported, decided or changed what, in order, and with whole numbers or not', async () => {
    const anne = await api.keyFor(['cases:read', 'cases:decide', 'usage:read'], undefined, 'Anne');
    const key = { key: anne };
    const decision = { condition: 'distinct-numbers', decision: 'dismiss', note: 'known' };
    await api.get('/v1/cases?filter=line:L1', key);
    await api.get('/v1/cases/L1/2026-10', { ...key, accept: 'text/csv' });
    await api.get('/v1/usage?line=L1', { ...key, accept: 'application/x-ndjson' });
    await api.ask('POST', '/v1/cases/L1/2026-10/decisions', { ...key, body: { ...decision, dryRun: true } });
    await api.ask('POST', '/v1/cases/L1/2026-10/decisions', { ...key, body: decision });
    // What is refused was not seen, and changes nothing.
    await api.get('/v1/cases/L9/2026-10', key);
    await api.get('/v1/quarantine', key);
    await api.ask('POST', '/v1/quarantine/replay', { body: {} });
    await api.get('/openapi.json', key);
    const seen = (await records()).map(({ name, action, route, subject }) => ({ name, action, route, subject }));
    const numbers = 'masked';
    expect(seen).toEqual([
      {
        name: 'Anne',
        action: 'read',
        route: 'GET /v1/cases',
        subject: { filter: 'line:L1', limit: 50, numbers },
      },
      {
        name: 'Anne',
        action: 'export',
        route: 'GET /v1/cases/:line/:period',
        subject: { line: 'L1', period: '2026-10', numbers: 'masked', everywhere: 'false' },
      },
      {
        name: 'Anne',
        action: 'export',
        route: 'GET /v1/usage',
        subject: { line: 'L1', numbers },
      },
      {
        name: 'Anne',
        action: 'read',
        route: 'POST /v1/cases/:line/:period/decisions',
        subject: { line: 'L1', period: '2026-10', ...decision, dryRun: true, numbers },
      },
      {
        name: 'Anne',
        action: 'decide',
        route: 'POST /v1/cases/:line/:period/decisions',
        subject: { line: 'L1', period: '2026-10', ...decision, dryRun: false, numbers },
      },
      {
        name: 'test',
        action: 'change',
        route: 'POST /v1/quarantine/replay',
        subject: { numbers: 'whole' },
      },
    ]);
    const [last] = (await api.get('/v1/audit?action=decide', { key: auditor })).json.records;
    expect(last.subject.decision).toBe('dismiss');
    const page = await api.get('/v1/audit?limit=2', { key: auditor });
    const next = await api.get(`/v1/audit?limit=2&before=${page.json.next}`, { key: auditor });
    expect(next.json.records[0].no).toBe(page.json.records[1].no - 1);
    expect((await api.get('/v1/audit', key)).status).toBe(403);
  });

  it('is one chain, whoever writes to it at once', async () => {
    const trails = [new AuditTrail(api.db), new AuditTrail(api.db)];
    const act = { actor: 'k', name: 'many', action: 'read', route: 'GET /', subject: '{}' } as const;
    await Promise.all(Array.from({ length: 60 }, (_, index) => trails[index % 2]!.keep(act)));
    const many = await api.get('/v1/audit?actor=k&limit=1000', { key: auditor });
    expect(many.json.records).toHaveLength(60);
    const { json } = await api.get('/v1/audit/verify', { key: auditor });
    expect(json.faults).toEqual([]);
    expect(json.records).toBeGreaterThan(60);
  });

  it('keeps names with half a character or U+0000, and what came together with what can not be kept', async () => {
    const trail = new AuditTrail(api.db);
    const act = { actor: 'odd', name: 'x', action: 'read', route: 'GET /', subject: '{}' } as const;
    const kept = await Promise.allSettled([
      trail.keep(act),
      trail.keep({ ...act, name: `${'a'.repeat(199)}\u{1F600}`.slice(0, 200) }),
      trail.keep({ ...act, name: 'nul\0' }),
      trail.keep({ ...act, action: 'nothing' as 'read' }),
      trail.keep(act),
    ]);
    expect(kept.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    const { json } = await api.get('/v1/audit?actor=odd', { key: auditor });
    expect(json.records.map(({ name }: Loose) => name)).toEqual(['x', 'nul\uFFFD', `${'a'.repeat(199)}\uFFFD`, 'x']);
    expect((await verifyAudit(api.db)).faults).toEqual([]);
  });

  it('shows what an owner of the database changed, took away or added', async () => {
    const { records: count, head } = await verifyAudit(api.db);
    const tampered = async (sql: string): Promise<readonly unknown[]> => {
      const undo = new Error('undone');
      let found: readonly unknown[] = [];
      const done = api.db.transaction(async (tx) => {
        await tx.exec('alter table audit_record disable trigger all');
        await tx.exec(sql);
        found = (await verifyAudit(tx, { no: count, hash: head })).faults;
        throw undo;
      });
      await done.catch((error: unknown) => {
        if (error !== undo) throw error;
      });
      return found;
    };
    expect(await tampered('select 1')).toEqual([]);
    expect(await tampered(`update audit_record set name = 'Zoé' where no = 3`)).toEqual([{ no: 3, fault: 'changed' }]);
    expect(await tampered(`update audit_record set at = at + interval '1 ms' where no = 2`)).toEqual([
      { no: 2, fault: 'changed' },
    ]);
    expect(await tampered('delete from audit_record where no = 4')).toEqual([{ no: 4, fault: 'missing' }]);
    expect(await tampered(`delete from audit_record where no = ${count}`)).toEqual([{ no: count, fault: 'missing' }]);
    const made = await tampered(
      `update audit_record set subject = '{}',
         hash = sha256(previous || convert_to(json_build_array(no, 0, actor, name, action, route, '{}')::text, 'UTF8'))
       where no = 5`,
    );
    expect(made).toEqual([
      { no: 5, fault: 'changed' },
      { no: 6, fault: 'not-after' },
    ]);
    await expect(api.db.exec('delete from audit_record')).rejects.toThrow('is_append_only');
    await expect(api.db.exec(`update audit_record set name = 'x'`)).rejects.toThrow('is_append_only');
  });

  it('gives no answer that could not be put on record', async () => {
    await api.db.exec('alter table audit_record rename to audit_gone');
    const answer = await api.get('/v1/cases');
    await api.db.exec('alter table audit_gone rename to audit_record');
    expect(answer.status).toBe(500);
    expect(answer.text).not.toContain('L1');
    expect((await api.get('/v1/cases')).status).toBe(200);
  });
});
