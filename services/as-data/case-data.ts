import type { CasePage } from '../cases/list-cases.ts';
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
  return {
    line,
    account,
    accountName,
    period: showPeriod(period),
    state,
    conditions,
    since: since === null ? null : isoInstant(since),
    atStakeCalls,
    atStake: plainMoney(atStake),
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
    },
  };
}

function seenJson({ value, calls, firstAt, lastAt }: ShownCase['devices'][number]): unknown {
  return { value, calls, firstAt: isoInstant(firstAt), lastAt: isoInstant(lastAt) };
}
