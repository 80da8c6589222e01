import type { Cdr } from '../../../rater/call/cdr.ts';
import type { Decision, Line, LineSpan } from '../../../rater/line/line.ts';
import type { Effect } from '../../../rules/effect.ts';
import type { Offer, OfferCondition } from '../../../rules/offer.ts';
import { recordOf } from './encode-record.ts';
import type { OracleCall, OracleDeckRow, OracleInput, OracleResult, OracleVerdict } from './oracle-types.ts';
import { judgeEverything } from './oracle.ts';
import { plainClassify } from './plain-numbering.ts';
import { identityText } from './record-content.ts';
import { BEGINNING } from './seasons.ts';

const ALL_CLASSES: Effect['rerate']['classes'] = ['national-fixed', 'national-mobile', 'international'];

/** An effect of an offer; whole period, automatic, for the period unless said otherwise. */
export function effect(more: Partial<Omit<Effect, 'rerate'>> & Partial<Effect['rerate']> = {}): Effect {
  const { mode = 'automatic', scope = 'period', classes = ALL_CLASSES, suspension = 'period', opensCase = true } = more;
  return { mode, rerate: { scope, classes }, suspension, opensCase };
}

/** The offer of the domain page with its default effects, its thresholds of behaviour small enough to reach by hand. */
export const FULL_ILLIMITE: Offer = {
  id: 'full-illimite',
  name: 'Full Illimité',
  timeZone: 'Europe/Paris',
  included: { classes: ['national-fixed', 'national-mobile'], destinations: ['Espagne Fixe', 'Etats Unis Fixe'] },
  conditions: [
    {
      id: 'usage-class',
      settings: { excludedClasses: ['carrier', 'call-centre'] },
      effect: effect({ scope: 'call', suspension: 'none' }),
    },
    {
      id: 'forwarding',
      settings: {},
      effect: effect({ scope: 'call', suspension: 'none', opensCase: false }),
    },
    { id: 'distinct-numbers', settings: { maxNumbers: 150 }, effect: effect() },
    { id: 'sip-mobility', settings: {}, effect: effect({ suspension: 'until-reinstated' }) },
    {
      id: 'equipment',
      settings: { pbxUserAgents: ['asterisk', 'gateway'] },
      effect: effect({ mode: 'review', suspension: 'until-reinstated' }),
    },
    {
      id: 'conversational-use',
      settings: {
        minCalls: 4,
        shortMs: 6_000,
        maxShortCallsPerMille: 500,
        maxConcurrentCalls: 2,
        maxSequentialNumbers: 3,
        maxHoursOfDay: 3,
        maxNumbersInRange: 3,
      },
      effect: effect({ mode: 'review', suspension: 'until-reinstated' }),
    },
  ],
};

/** The same offer with other conditions: those given replace or are put after its own. */
export function offerWith(...conditions: OfferCondition[]): Offer {
  const ids = new Set(conditions.map(({ id }) => id));
  return {
    ...FULL_ILLIMITE,
    conditions: [...FULL_ILLIMITE.conditions.filter(({ id }) => !ids.has(id)), ...conditions],
  };
}

/** A row of a deck: 0.02 a started minute unless said otherwise. */
export function deckRow(prefix: string, more: Partial<OracleDeckRow> = {}): OracleDeckRow {
  return {
    of: { prefix },
    pricePerMinute: '0.02',
    connection: '0',
    initialIncrementS: 60,
    nextIncrementS: 60,
    effectiveFrom: BEGINNING,
    effectiveTo: null,
    ...more,
  };
}

/** Facts of a line from the beginning on: an ordinary line of a company with its managed phone. */
export function span(more: Partial<LineSpan> = {}): LineSpan {
  return {
    from: BEGINNING,
    to: Infinity,
    number: null,
    offer: 'full-illimite',
    usageClass: 'business',
    mobility: 'off',
    equipment: 'managed',
    ...more,
  };
}

export function line(id = 'L1', more: Partial<Omit<Line, 'id'>> = {}): Line {
  return { id, account: 'A1', spans: [span()], devices: [], networks: [], ...more };
}

type CallFields = Partial<Omit<Cdr, 'startedAt' | 'recordBuffer' | 'recordStart' | 'recordEnd'>>;

/** A record of a call of one minute by line L1 to a national mobile; `at` is ISO 8601. */
export function record(callId: string, at: string, more: CallFields = {}): Cdr {
  return recordOf({
    switchId: 'sbc-1',
    callId,
    legId: '',
    revision: 0,
    line: 'L1',
    dialled: '+33612345678',
    calling: null,
    startedAt: Date.parse(at),
    durationMs: 60_000,
    userAgent: null,
    sourceIp: null,
    diversions: [],
    transferredBy: null,
    mobilityUsed: null,
    ...more,
  });
}

let sequence = 0;

/** A decision on line L1; decisions are taken in the order in which they are written. */
export function decide(
  kind: Decision['kind'],
  condition: Decision['condition'],
  period: number,
  at = '2026-01-01T00:00:00Z',
  breachFrom: string | null = null,
): Decision {
  sequence += 1;
  const shown = breachFrom === null ? null : Date.parse(breachFrom);
  return { sequence, line: 'L1', period, condition, kind, effectiveAt: Date.parse(at), breachFrom: shown };
}

/** Judges records of a world of one ordinary line and a deck of 0.02 a started minute for everything. */
export function judge(records: readonly Cdr[], world: Partial<Omit<OracleInput, 'records'>> = {}): OracleResult {
  return judgeEverything(inputOf(records, world));
}

/** The same world with these records, for the oracle. */
export function inputOf(records: readonly Cdr[], world: Partial<Omit<OracleInput, 'records'>> = {}): OracleInput {
  const rows = ['1', '2', '3', '4', '5', '6', '7', '8', '9'].map((prefix) => deckRow(prefix));
  const shortRows = [3910, 3911, 3912, 3913, 3949, 118_218].map((shortCode) => deckRow('', { of: { shortCode } }));
  return {
    records,
    lines: [line()],
    offers: [FULL_ILLIMITE],
    decisions: [],
    deck: [...rows, ...shortRows],
    classify: plainClassify,
    ...world,
  };
}

/** The judged call of the record `callId` of switch `sbc-1`. */
export function callOf(result: OracleResult, callId: string): OracleCall {
  const call = result.calls.get(identityOf(callId));
  if (call === undefined) throw new Error(`Cannot find call "${callId}" among the judged`);
  return call;
}

export function identityOf(callId: string): string {
  return identityText({ switchId: 'sbc-1', callId, legId: '' });
}

/** Each call as `call coverage charge reason`, in the order of the result. */
export function coverageLines(result: OracleResult): string[] {
  return [...result.calls].map(([identity, { coverage, charge, reason }]) => {
    return `${String(JSON.parse(identity)[1])} ${coverage} ${charge} ${reason}`;
  });
}

/** The verdict on a condition of line L1 in a period; `null` when there is none. */
export function verdictOf(result: OracleResult, condition: string, period: number): OracleVerdict | null {
  return (
    result.verdicts.find(
      (verdict) => verdict.line === 'L1' && verdict.condition === condition && verdict.period === period,
    ) ?? null
  );
}
