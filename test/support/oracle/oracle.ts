import { CONDITION_IDS } from '../../../rules/conditions.ts';
import { isInOffer, meteredAlone } from './breaking-calls.ts';
import { findCalls } from './find-calls.ts';
import { type Hold, judgeMonths } from './judge-month.ts';
import type { Coverage, FoundCall, OracleCall, OracleInput, OracleResult } from './oracle-types.ts';

/** The holds on a call: those of its offer's conditions in the offer's order, then any left from an earlier offer. */
function firstHold(call: FoundCall, holds: readonly Hold[]): Hold | null {
  const holding = holds.filter(
    (hold) =>
      hold.line === call.line.id && hold.classes.some((one) => one === call.destinationClass) && hold.holds(call),
  );
  const precedence = [...(call.offer?.conditions.map(({ id }) => id) ?? []), ...CONDITION_IDS];
  const [first] = holding.toSorted((a, b) => precedence.indexOf(a.condition) - precedence.indexOf(b.condition));
  return first ?? null;
}

function coverageOf(call: FoundCall, holds: readonly Hold[]): { readonly coverage: Coverage; readonly reason: string } {
  const destination = call.destinationClass;
  if (destination === 'emergency' || destination === 'toll-free') return { coverage: 'free', reason: destination };
  if (call.offer === null) return { coverage: 'metered', reason: 'no-offer' };
  if (!isInOffer(call)) return { coverage: 'metered', reason: 'not-in-offer' };
  const alone = meteredAlone(call);
  if (alone !== null) return { coverage: 'metered', reason: alone };
  const hold = firstHold(call, holds);
  return hold === null
    ? { coverage: 'included', reason: destination }
    : { coverage: 'metered', reason: hold.condition };
}

/**
 * What every call of a ledger should cost, every verdict, and what waits, from all that is known at once: the plain
 * statement of the domain page that the rater is compared with. It knows no arrival order, no batch and no earlier
 * state.
 */
export function judgeEverything(input: OracleInput): OracleResult {
  const { calls, ...settled } = findCalls(input);
  const { verdicts, holds } = judgeMonths(input, calls);
  const judged = new Map<string, OracleCall>();
  for (const call of calls) {
    const { coverage, reason } = coverageOf(call, holds);
    judged.set(call.identity, {
      line: call.line.id,
      account: call.line.account,
      period: call.period,
      coverage,
      reason,
      billedSeconds: call.billedSeconds,
      charge: coverage === 'metered' ? call.meteredPrice : '0.000000',
      meteredPrice: call.meteredPrice,
    });
  }
  return { calls: judged, verdicts, ...settled };
}
