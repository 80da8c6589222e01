import { judgeEverything } from './oracle.ts';
import type { OracleInput } from './oracle-types.ts';

/** What one account is charged for a call of a month, in one month's bill. */
export interface BilledCharge {
  readonly identity: string;
  readonly account: string;
  /** The month of the call, and of the bill, yyyymm. */
  readonly period: number;
  readonly billedPeriod: number;
  /** Micros; never 0. */
  readonly charge: bigint;
}

/**
 * Every charge by the month's bill that it stands in. What each close had seen is settled: between it and the next,
 * what a call should cost by now is charged or given back, in the call's own month while that is open, else in the
 * month after the last that was closed.
 */
export function billedCharges(input: OracleInput): BilledCharge[] {
  const sums = new Map<string, BilledCharge>();
  let before = new Map<string, CallCharge>();
  let closedThrough = 0;
  for (const stage of [...(input.closes ?? []), { period: Infinity, known: input }]) {
    const wanted = chargesOf(stage.known);
    for (const key of new Set([...before.keys(), ...wanted.keys()])) {
      const call = (wanted.get(key) ?? before.get(key))!;
      const billedPeriod = call.period > closedThrough ? call.period : monthAfter(closedThrough);
      const charge = (wanted.get(key)?.charge ?? 0n) - (before.get(key)?.charge ?? 0n);
      const sum = sums.get(`${key} ${billedPeriod}`)?.charge ?? 0n;
      sums.set(`${key} ${billedPeriod}`, { ...call, billedPeriod, charge: sum + charge });
    }
    before = wanted;
    closedThrough = stage.period;
  }
  return [...sums.values()].filter(({ charge }) => charge !== 0n);
}

type CallCharge = Omit<BilledCharge, 'billedPeriod'>;

/** What each call should cost by all that is known, for the account and month that it belongs to. */
function chargesOf(known: OracleInput): Map<string, CallCharge> {
  const charges = new Map<string, CallCharge>();
  for (const [identity, { account, period, charge }] of judgeEverything(known).calls) {
    const micros = BigInt(charge.replace('.', ''));
    charges.set(`${identity} ${account} ${period}`, { identity, account, period, charge: micros });
  }
  return charges;
}

function monthAfter(period: number): number {
  return period % 100 === 12 ? period + 89 : period + 1;
}
