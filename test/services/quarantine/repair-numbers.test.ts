import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import {
  checkRepair,
  explainCall,
  listQuarantine,
  listRepairs,
  type NumberRepairRequest,
  readOtherwise,
  repairNumbers,
  tryRepair,
} from '../../../services/index.ts';
import { call, MOBILE, smallLedger, type SmallLedger } from '../small-ledger.ts';
import { type LedgerServer, openLedgerServer } from '../../support/ledger-server.ts';

const WHO = { by: 'Ada', note: 'the range opened' };
const RANGE = { kind: 'prefix', prefix: '9991', length: 12, destination: 'France Mobile' } as const;
const NINE = { kind: 'dialled', switchId: 'sbc', prefix: '*7', replacement: '' } as const;

let server: LedgerServer;
let small: SmallLedger;
beforeAll(async () => {
  server = await openLedgerServer('postgres');
  small = await smallLedger(server);
  await small.ledger.deliver([
    call('new-1', '+999123456789'),
    call('new-2', '00999123456780'),
    call('nine', '*70612345678'),
    call('known', MOBILE),
  ]);
});
afterAll(() => server.close());

async function refused(repair: NumberRepairRequest['repair']): Promise<string> {
  const tried = await tryRepair(small.access, repair);
  return tried.kind === 'refused' ? tried.code : tried.kind;
}

async function waiting(): Promise<string[]> {
  const list = await listQuarantine(small.access, {});
  if (list.kind === 'refused') throw new Error(list.code);
  return list.records.map(({ reason, dialled }) => `${reason} ${dialled}`);
}

async function repaired(request: Pick<NumberRepairRequest, 'repair'>): Promise<number> {
  const done = await repairNumbers(small.access, { ...request, ...WHO });
  if (done.kind === 'refused') throw new Error(done.code);
  return done.rated;
}

describe('tryRepair()', () => {
  it('says how many records it would read and as what, and keeps nothing', async () => {
    expect(await tryRepair(small.access, RANGE)).toEqual({
      kind: 'tried',
      waiting: 3,
      read: 2,
      examples: [
        { dialled: '+999123456789', called: '+999123456789', destination: 'France Mobile' },
        { dialled: '00999123456780', called: '+999123456780', destination: 'France Mobile' },
      ],
      otherwise: { looked: 0, calls: 0, examples: [] },
    });
    expect((await listRepairs(small.access)).repairs).toEqual([]);
  });

  it('refuses a destination that the plan does not have, and what is no beginning of numbers', async () => {
    expect(await refused({ ...RANGE, destination: 'Nowhere' })).toBe('destination-unknown');
    expect(await refused({ ...RANGE, prefix: '999' })).toBe('number-prefix-unusable');
    expect(await refused({ ...RANGE, prefix: '3998', length: 5 })).toBe('number-prefix-unusable');
    expect(await refused({ ...NINE, prefix: 'x' })).toBe('dial-rule-unusable');
    expect(await refused({ ...NINE, prefix: '', replacement: '' })).toBe('dial-rule-unusable');
  });
});

describe('readOtherwise()', () => {
  it('finds calls that were read with the digit that their switch writes first: no rule mends them', async () => {
    const db = await openLedgerServer('postgres');
    onTestFinished(() => db.close());
    const own = await smallLedger(db);
    await own.ledger.deliver([
      // 03 76 31 23 45 behind a 0: the plan reads Andorra, 00 376.
      call('waits', '00612345678'),
      call('as-andorra', '00376312345'),
      call('as-it-is', '0612345678'),
    ]);
    const rule = { kind: 'dialled', switchId: 'sbc', prefix: '0', replacement: '' } as const;
    const tried = await tryRepair(own.access, rule);
    expect(tried).toMatchObject({
      read: 1,
      otherwise: {
        looked: 2,
        calls: 1,
        examples: [
          {
            dialled: '00376312345',
            called: '+376312345',
            destination: 'Andorre',
            meant: '+33376312345',
            meantDestination: 'France Fixe',
          },
        ],
      },
    });
    // Of another switch, or of a rule that is taken back, nothing is said.
    expect(await readOtherwise(own.access, { ...rule, switchId: 'other' })).toMatchObject({ looked: 2, calls: 0 });
    expect(await readOtherwise(own.access, { ...rule, replacement: null })).toMatchObject({ calls: 0 });
  });
});

describe('repairNumbers()', () => {
  it('asks who, and why', () => {
    const others = (checkRepair({ repair: RANGE, by: ' ', note: '' })?.others ?? []).map(({ code }) => code);
    expect([checkRepair({ repair: RANGE, by: ' ', note: '' })?.code, ...others]).toEqual([
      'name-missing',
      'reason-missing',
    ]);
  });

  it('rates what waited, and what comes later; explain shows the prefix', async () => {
    expect(await repaired({ repair: RANGE })).toBe(2);
    expect(await waiting()).toEqual(['service-code *70612345678']);
    await small.ledger.deliver([call('later', '+999100000001')]);
    expect(await waiting()).toEqual(['service-code *70612345678']);
    const explained = await explainCall(small.access, { call: 'later' });
    expect(explained).toMatchObject({ calls: [{ destination: 'France Mobile', prefixes: [{ prefix: '9991' }] }] });
  });

  it('takes off what a switch writes first', async () => {
    expect(await repaired({ repair: NINE })).toBe(1);
    expect(await waiting()).toEqual([]);
    const { repairs } = await listRepairs(small.access);
    expect(repairs.map(({ repair, takenBy }) => [repair, takenBy])).toEqual([
      [RANGE, 'Ada'],
      [NINE, 'Ada'],
    ]);
  });

  it('has calls wait again that were rated by a repair which is taken back, and no others', async () => {
    await repaired({ repair: { ...RANGE, destination: null } });
    expect((await waiting()).toSorted()).toEqual([
      'unassigned-number +999100000001',
      'unassigned-number +999123456789',
      'unassigned-number 00999123456780',
    ]);
    const explained = await explainCall(small.access, { call: 'known' });
    expect(explained).toMatchObject({ calls: [{ entries: [{}] }] });
    expect(await repaired({ repair: { ...RANGE, destination: 'France Fixe' } })).toBe(3);
    const again = await explainCall(small.access, { call: 'later' });
    expect(again).toMatchObject({ calls: [{ destination: 'France Fixe' }] });
  });
});
