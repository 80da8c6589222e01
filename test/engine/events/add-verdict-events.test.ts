import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../../ledger/index.ts';
import type { Decision, Line } from '../../../rater/index.ts';
import { fullIllimite } from '../../rules/full-illimite-for-test.ts';
import { LedgerUnderTest } from '../../support/ledger-under-test.ts';
import { DATABASE_KINDS, openTestDatabase } from '../../support/test-database.ts';

const DECK = 'prefix,price_per_minute\n33,0.02\n336,0.09\n';

function line(id: string, given: Partial<Line['spans'][number]> = {}): Line {
  const span = {
    from: 0,
    to: Infinity,
    number: null,
    offer: 'full-illimite',
    usageClass: 'business',
    mobility: 'off',
    equipment: 'managed',
    ...given,
  } as const;
  return { id, account: `A-${id}`, spans: [span], devices: [], networks: [] };
}

/** Call number `index` of a line in November 2026, to a number of its own. */
function record(of: string, index: number, given: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    v: 1,
    switch: 'sbc',
    call: `${of}-${index}`,
    line: of,
    to: `+3361${String(1_000_000 + index * 5003)}`,
    answered: new Date(Date.UTC(2026, 10, 2, 8) + index * 61_000).toISOString(),
    durationMs: 61_000,
    ...given,
  });
}

function records(of: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => record(of, index));
}

let sequence = 0;
function decision(
  of: string,
  condition: string,
  kind: Decision['kind'],
  effectiveAt = '2026-12-01T00:00:00Z',
): Decision {
  sequence += 1;
  return {
    sequence,
    line: of,
    period: 202611,
    condition,
    kind,
    effectiveAt: Date.parse(effectiveAt),
    breachFrom: null,
  };
}

interface Told {
  readonly type: string;
  readonly period: number | null;
  readonly data: Readonly<Record<string, unknown>>;
}

describe.each(DATABASE_KINDS)('what the engine tells other systems, on %s', (kind) => {
  let db: Database;
  let ledger: LedgerUnderTest;
  beforeAll(async () => {
    db = await openTestDatabase(kind);
    ledger = await LedgerUnderTest.on(db, [fullIllimite()], DECK);
  });
  afterAll(() => db.close());

  /** What was told of a line, in order. */
  async function told(of: string): Promise<Told[]> {
    return db.query<Told>(
      'select o.type, o.period, o.data from outbox o join line l on l.no = o.line where l.id = $1 order by o.no',
      [of],
    );
  }

  async function typesTold(of: string): Promise<string[]> {
    return (await told(of)).map(({ type }) => type);
  }

  /** `from`, `until` or, of a reinstatement, `from` and why, of each event on the line's suspension. */
  async function suspensionsTold(of: string): Promise<unknown[]> {
    return (await told(of)).flatMap(({ type, data }) => {
      if (type === 'line.unlimited-suspended') return [['off', data['from'], data['until']]];
      if (type !== 'line.unlimited-reinstated') return [];
      const lifted = data['lifted'] as { readonly condition: string; readonly why: string }[];
      return [['on', data['from'], ...lifted.map(({ condition, why }) => `${condition} ${why}`)]];
    });
  }

  it('nothing of a line that keeps to the conditions', async () => {
    await ledger.provision([line('quiet')]);
    await ledger.deliver(records('quiet', 150));
    expect(await told('quiet')).toEqual([]);
  });

  it('a case and a suspension to the end of the month when the 151st number is called, once', async () => {
    await ledger.provision([line('many')]);
    await ledger.deliver(records('many', 150));
    await ledger.deliver([record('many', 150)]);
    await ledger.deliver(records('many', 153).slice(151));
    expect(await typesTold('many')).toEqual(['case.opened', 'line.unlimited-suspended']);
    const [opened, suspended] = await told('many');
    expect(opened?.period).toBe(202611);
    expect(opened?.data).toMatchObject({
      breaches: [
        {
          condition: 'distinct-numbers',
          breachFrom: '2026-11-02T10:32:30.000Z',
          evidence: { maxNumbers: 150, crossing: { switch: 'sbc', call: 'many-150', leg: '', called: '+33611750450' } },
        },
      ],
      decisions: [],
      // The breach takes effect by itself: nothing is left to charge.
      includedCalls: 0,
      includedPrice: '0.000000',
      currency: 'EUR',
    });
    expect(suspended?.data).toEqual({
      from: '2026-10-31T23:00:00.000Z',
      until: '2026-11-30T23:00:00.000Z',
      holds: [
        {
          condition: 'distinct-numbers',
          period: '2026-11',
          from: '2026-10-31T23:00:00.000Z',
          until: '2026-11-30T23:00:00.000Z',
          classes: ['national-fixed', 'national-mobile', 'international'],
          confirmedBy: null,
        },
      ],
    });
  });

  it('that both are taken back when a correction takes the breach away, and that they are back when it is', async () => {
    await ledger.provision([line('corrected')]);
    await ledger.deliver(records('corrected', 151));
    // The switch says that one call was to the same number as another.
    await ledger.deliver([record('corrected', 7, { to: '+33611000000', revision: 1 })]);
    await ledger.deliver([record('corrected', 151)]);
    const types = ['case.opened', 'line.unlimited-suspended', 'case.withdrawn', 'line.unlimited-reinstated'];
    expect(await typesTold('corrected')).toEqual([...types, 'case.opened', 'line.unlimited-suspended']);
    expect(await suspensionsTold('corrected')).toEqual([
      ['off', '2026-10-31T23:00:00.000Z', '2026-11-30T23:00:00.000Z'],
      ['on', '2026-10-31T23:00:00.000Z', 'distinct-numbers withdrawn'],
      ['off', '2026-10-31T23:00:00.000Z', '2026-11-30T23:00:00.000Z'],
    ]);
    const withdrawn = (await told('corrected'))[2];
    expect(withdrawn?.data).toMatchObject({
      breaches: [{ condition: 'distinct-numbers' }],
      includedCalls: 151,
      // Two started minutes each.
      includedPrice: '27.180000',
    });
  });

  it('a case alone when a breach waits for review, then what is decided on it, each decision once', async () => {
    await ledger.provision([line('reviewed', { equipment: 'customer-pbx' })]);
    await ledger.deliver(records('reviewed', 3));
    expect(await typesTold('reviewed')).toEqual(['case.opened']);
    expect((await told('reviewed'))[0]?.data).toMatchObject({ includedCalls: 3, includedPrice: '0.540000' });

    await ledger.decide([decision('reviewed', 'equipment', 'confirm')]);
    await ledger.deliver([record('reviewed', 3)]);
    await ledger.decide([decision('reviewed', 'equipment', 'dismiss')]);
    await ledger.decide([decision('reviewed', 'equipment', 'confirm')]);
    await ledger.decide([decision('reviewed', 'equipment', 'reinstate', '2026-11-20T08:00:00Z')]);
    expect(await typesTold('reviewed')).toEqual([
      'case.opened',
      'case.decided',
      'line.unlimited-suspended',
      'case.decided',
      'line.unlimited-reinstated',
      'case.decided',
      'line.unlimited-suspended',
      'line.unlimited-reinstated',
    ]);
    expect(await suspensionsTold('reviewed')).toEqual([
      ['off', '2026-10-31T23:00:00.000Z', null],
      ['on', '2026-10-31T23:00:00.000Z', 'equipment dismissed'],
      ['off', '2026-10-31T23:00:00.000Z', null],
      ['on', '2026-11-20T08:00:00.000Z', 'equipment reinstated'],
    ]);
    const events = await told('reviewed');
    expect(events[1]?.data).toMatchObject({
      breaches: [{ condition: 'equipment', evidence: { why: 'provisioning' } }],
      decisions: [{ condition: 'equipment', period: '2026-11', decision: 'confirm', by: 'test', note: '' }],
      includedCalls: 0,
    });
    expect(events[2]?.data).toMatchObject({ holds: [{ confirmedBy: { decision: 'confirm', by: 'test' } }] });
    expect(events.at(-1)?.data).toMatchObject({ lifted: [{ decision: { decision: 'reinstate', by: 'test' } }] });
  });

  it('that a decided case is open again when another condition is broken', async () => {
    await ledger.provision([line('again', { equipment: 'customer-pbx' })]);
    await ledger.deliver(records('again', 3));
    await ledger.decide([decision('again', 'equipment', 'dismiss')]);
    await ledger.deliver([record('again', 3, { mobility: true })]);
    expect(await typesTold('again')).toEqual([
      'case.opened',
      'case.decided',
      'case.opened',
      'line.unlimited-suspended',
    ]);
  });

  it('no reinstatement while another breach holds the line', async () => {
    await ledger.provision([line('twice')]);
    await ledger.deliver(records('twice', 151));
    await ledger.deliver([record('twice', 151, { mobility: true })]);
    await ledger.decide([decision('twice', 'distinct-numbers', 'dismiss')]);
    await ledger.decide([decision('twice', 'sip-mobility', 'dismiss')]);
    expect(await suspensionsTold('twice')).toEqual([
      ['off', '2026-10-31T23:00:00.000Z', '2026-11-30T23:00:00.000Z'],
      ['off', '2026-10-31T23:00:00.000Z', null],
      // What is kept of the suspension is what holds it now, not what held it when it was told.
      ['on', '2026-10-31T23:00:00.000Z', 'sip-mobility dismissed'],
    ]);
  });

  it('the end of what is left when one of two stretches is lifted', async () => {
    await ledger.provision([line('shorter')]);
    await ledger.deliver(records('shorter', 151));
    await ledger.deliver([record('shorter', 151, { mobility: true })]);
    await ledger.decide([decision('shorter', 'sip-mobility', 'dismiss')]);
    expect((await suspensionsTold('shorter')).at(-1)).toEqual([
      'on',
      '2026-11-30T23:00:00.000Z',
      'sip-mobility dismissed',
    ]);
  });

  /** The days of the calls of a line that are metered in the end. */
  async function meteredStarts(of: string): Promise<string[]> {
    const rows = await db.query<{ started: string }>(
      `select started from (
         select distinct on (identity) to_char(started_at at time zone 'UTC', 'MM-DD') as started, coverage
         from ledger_entry where line = $1 order by identity, revision desc) as last
       where coverage = 'metered' order by started`,
      [of],
    );
    return rows.map(({ started }) => started);
  }

  /** A line that mobility suspends in November, reinstated from 10 November on. */
  async function reinstatedLine(of: string): Promise<void> {
    await ledger.provision([line(of)]);
    await ledger.deliver([
      record(of, 0, { mobility: true }),
      record(of, 1, { answered: '2026-11-20T08:00:00Z' }),
      record(of, 2, { answered: '2026-12-02T08:00:00Z' }),
    ]);
    await ledger.decide([decision(of, 'sip-mobility', 'reinstate', '2026-11-10T00:00:00Z')]);
  }

  describe('of evidence of an earlier month that comes after a reinstatement', () => {
    const october = { answered: '2026-10-20T08:00:00Z', mobility: true };

    it('its case, and no suspension: the calls from the reinstatement on stay included', async () => {
      await reinstatedLine('late');
      await ledger.deliver([record('late', 3, october)]);
      const types = ['case.opened', 'line.unlimited-suspended', 'line.unlimited-reinstated', 'case.opened'];
      expect(await typesTold('late')).toEqual(types);
      expect((await told('late')).at(-1)?.period).toBe(202610);
      expect(await meteredStarts('late')).toEqual(['10-20', '11-02']);
    });

    it('the same in the end, whichever came first', async () => {
      await ledger.provision([line('early')]);
      await ledger.deliver([record('early', 3, october)]);
      await ledger.deliver([
        record('early', 0, { mobility: true }),
        record('early', 1, { answered: '2026-11-20T08:00:00Z' }),
        record('early', 2, { answered: '2026-12-02T08:00:00Z' }),
      ]);
      await ledger.decide([decision('early', 'sip-mobility', 'reinstate', '2026-11-10T00:00:00Z')]);
      expect(await meteredStarts('early')).toEqual(['10-20', '11-02']);
      expect((await suspensionsTold('early')).at(-1)).toEqual([
        'on',
        '2026-11-10T00:00:00.000Z',
        'sip-mobility reinstated',
        'sip-mobility reinstated',
      ]);
      const stretches = await db.query<{ id: string }>(
        `select l.id, s.suspended_from, s.suspended_to from line_suspension s join line l on l.no = s.line
         where l.id in ('early', 'late') order by l.id`,
      );
      const [early, late] = stretches;
      expect({ ...early, id: '' }).toEqual({ ...late, id: '' });
    });

    it('that the line is on again from the reinstatement on, where no suspension was told before', async () => {
      await reinstatedLine('dismissed');
      await ledger.decide([decision('dismissed', 'sip-mobility', 'dismiss')]);
      await ledger.deliver([record('dismissed', 3, october)]);
      expect((await suspensionsTold('dismissed')).slice(-2)).toEqual([
        ['on', '2026-10-31T23:00:00.000Z', 'sip-mobility dismissed'],
        ['on', '2026-11-10T00:00:00.000Z', 'sip-mobility reinstated'],
      ]);
      expect(await meteredStarts('dismissed')).toEqual(['10-20', '11-02']);
    });

    it('a suspension anew when a breach begins after the reinstatement', async () => {
      await reinstatedLine('anew');
      await ledger.deliver([record('anew', 3, { answered: '2026-12-05T08:00:00Z', mobility: true })]);
      expect((await suspensionsTold('anew')).at(-1)).toEqual(['off', '2026-11-30T23:00:00.000Z', null]);
      expect(await meteredStarts('anew')).toEqual(['11-02', '12-02', '12-05']);
    });

    it('no more of it when it is confirmed: a person who reinstated the line did so for what began before', async () => {
      await reinstatedLine('confirmed');
      await ledger.deliver([record('confirmed', 3, october)]);
      await ledger.decide([{ ...decision('confirmed', 'sip-mobility', 'confirm'), period: 202610 }]);
      expect(await meteredStarts('confirmed')).toEqual(['10-20', '11-02']);
      expect((await suspensionsTold('confirmed')).at(-1)).toEqual([
        'on',
        '2026-11-10T00:00:00.000Z',
        'sip-mobility reinstated',
      ]);
    });
  });

  it('nothing twice after a restart', async () => {
    const before = await db.query('select type from outbox order by no');
    await ledger.restart();
    await ledger.deliver(records('many', 153));
    await ledger.provision([line('other')]);
    expect(await db.query('select type from outbox order by no')).toEqual(before);
  });

  it('a case that usage alone opens and withdraws, without a hold on the line', async () => {
    await ledger.provision([line('busy')]);
    // 100 calls, half of them short; then long ones alone.
    const short = Array.from({ length: 100 }, (_, index) =>
      record('busy', index % 2 === 0 ? index : 0, {
        call: `b${index}`,
        durationMs: index % 2 === 0 ? 61_000 : 3_000,
        answered: new Date(Date.UTC(2026, 10, 3, 8) + index * 121_000).toISOString(),
      }),
    );
    const long = Array.from({ length: 40 }, (_, index) =>
      record('busy', 0, {
        call: `l${index}`,
        answered: new Date(Date.UTC(2026, 10, 4, 8) + index * 121_000).toISOString(),
      }),
    );
    await ledger.deliver(short);
    await ledger.deliver(long);
    expect(await typesTold('busy')).toEqual(['case.opened', 'case.withdrawn']);
    const [opened] = await told('busy');
    expect(opened?.data).toMatchObject({ breaches: [{ condition: 'conversational-use' }], includedCalls: 100 });
  });

  it('in the end what is so: the last that was told of every case is its state, of every line its suspension', async () => {
    const cases = await db.query<{ state: string; type: string }>(
      `select c.state, (select o.type from outbox o where o.bucket = c.bucket and o.line = c.line and o.period = c.period
                        order by o.no desc limit 1) as type from case_file c`,
    );
    const types = { open: 'case.opened', decided: 'case.decided', withdrawn: 'case.withdrawn' };
    expect(cases.length).toBeGreaterThan(5);
    expect(cases.filter(({ state, type }) => types[state as keyof typeof types] !== type)).toEqual([]);
    const suspended = await db.query('select l.id from line_suspension s join line l on l.no = s.line order by l.id');
    const lastTold = await db.query(
      `select l.id from (select distinct on (bucket, line) line, type, data from outbox where period is null
                         order by bucket, line, no desc) as o join line l on l.no = o.line
       where o.type = 'line.unlimited-suspended' or o.data ->> 'from' > '2026-10-31T23:00:00.000Z' order by l.id`,
    );
    expect(lastTold).toEqual(suspended);
  });
});
