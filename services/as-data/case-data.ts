import type { CasePage } from '../cases/list-cases.ts';
import type { ManyOutcome } from '../cases/act-on-many.ts';
import type { LineMonth } from '../cases/line-month.ts';
import { refusalSentence } from '../refusals.ts';
import type { ShownCase } from '../cases/show-case.ts';
import { showPeriod } from '../value-text.ts';
import { effectJson } from './decision-data.ts';
import { lineJson } from './report-data.ts';
import { isoInstant, plainMoney } from './values.ts';

/** A page of cases. */
export function casesJson({ cases: listed, currency, timeZone, next }: CasePage): unknown {
  return { v: 1, timeZone, currency, cases: listed.map(listedJson), next };
}

function listedJson(listed: CasePage['cases'][number]): unknown {
  const { line, account, accountName, period, state, conditions, since, atStakeCalls, atStake } = listed;
  const { over, charged, assignee, snoozedUntil } = listed;
  return {
    line,
    account,
    accountName,
    period: showPeriod(period),
    state,
    conditions,
    over,
    since: isoOrNull(since),
    atStakeCalls,
    atStake: plainMoney(atStake),
    charged: charged === null ? null : { calls: charged.calls, charge: plainMoney(charged.charge) },
    assignee,
    snoozedUntil: isoOrNull(snoozedUntil),
  };
}

/** A case as data. */
export function caseJson(shown: ShownCase): unknown {
  const { period, summary, days, limits, destinations, numbers, outcomes, history } = shown;
  return {
    v: 1,
    period: showPeriod(period),
    timeZone: shown.timeZone,
    currency: shown.currency,
    isStale: shown.isStale,
    assignee: lastOf(history.acts, 'assign')?.assignee ?? null,
    snoozedUntil: isoOrNull(lastOf(history.acts, 'snooze')?.until ?? null),
    summary: lineJson(summary),
    days,
    limits: limits.map(({ crossing, ...limit }) => ({
      ...limit,
      crossing:
        crossing === null
          ? null
          : { day: crossing.day, startedAt: isoInstant(crossing.call.startedAt), call: crossing.call.callId },
    })),
    destinations: destinations.map(({ meteredPrice, charge, ...each }) => ({
      ...each,
      charge: plainMoney(charge),
      meteredPrice: plainMoney(meteredPrice),
    })),
    hours: shown.hours,
    numbersCalled: shown.numbersCalled,
    callersOf: shown.callersOf,
    numbers: numbers.map(({ meteredPrice, ...each }) => ({ ...each, meteredPrice: plainMoney(meteredPrice) })),
    devices: shown.devices.map(seenJson),
    networks: shown.networks.map(seenJson),
    outcomes: outcomes.map(({ effect, ...outcome }) => ({ ...outcome, effect: effectJson(effect) })),
    history: {
      verdicts: history.verdicts,
      corrections: history.corrections.map(({ postedAt, charge, ...each }) => ({
        ...each,
        postedAt: postedAt === null ? null : isoInstant(postedAt),
        charge: plainMoney(charge),
      })),
      acts: history.acts.map(actJson),
    },
  };
}

type Act = ShownCase['history']['acts'][number];

/** The last act of a kind: it counts. */
function lastOf<Kind extends Act['kind']>(acts: readonly Act[], kind: Kind): Extract<Act, { kind: Kind }> | undefined {
  return acts.findLast((act): act is Extract<Act, { kind: Kind }> => act.kind === kind);
}

function isoOrNull(instant: number | null): string | null {
  return instant === null ? null : isoInstant(instant);
}

function actJson(act: Act): unknown {
  const { kind, by, at, note } = act;
  const said = { kind, by, at: isoInstant(at), note };
  if (act.kind === 'assign') return { ...said, assignee: act.assignee };
  if (act.kind === 'snooze') return { ...said, until: isoOrNull(act.until) };
  return said;
}

/** A line's month as data. */
export function lineMonthJson(month: LineMonth): unknown {
  return {
    v: 1,
    line: month.line,
    account: month.account,
    period: showPeriod(month.period),
    timeZone: month.timeZone,
    currency: month.currency,
    days: month.days,
    destinations: month.destinations.map(({ meteredPrice, charge, ...each }) => ({
      ...each,
      charge: plainMoney(charge),
      meteredPrice: plainMoney(meteredPrice),
    })),
    hours: month.hours,
    numbersCalled: month.numbersCalled,
    numbers: month.numbers.map(({ meteredPrice, ...each }) => ({ ...each, meteredPrice: plainMoney(meteredPrice) })),
    devices: month.devices.map(seenJson),
    networks: month.networks.map(seenJson),
  };
}

/** What came of several cases, as data. */
export function manyJson({ currency, isKept, results }: ManyOutcome): unknown {
  const count = (wanted: string): number => results.filter(({ outcome }) => outcome === wanted).length;
  return {
    v: 1,
    currency,
    isKept,
    cases: results.length,
    done: count('done'),
    unchanged: count('unchanged'),
    refused: count('refused'),
    calls: results.reduce((sum, { calls }) => sum + calls, 0),
    charge: plainMoney(results.reduce((sum, { charge }) => sum + charge, 0)),
    results: results.map(({ period, charge, refusals, ...result }) => ({
      ...result,
      period: showPeriod(period),
      charge: plainMoney(charge),
      errors: refusals.map((each) => ({ code: each.code, detail: refusalSentence(each) })),
    })),
  };
}

function seenJson({ value, calls, firstAt, lastAt }: ShownCase['devices'][number]): unknown {
  return { value, calls, firstAt: isoInstant(firstAt), lastAt: isoInstant(lastAt) };
}
