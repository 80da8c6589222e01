import type { DistinctNumbersSettings } from './offer.ts';

/** A counted call, as this condition sees it. */
export interface CountedCall {
  readonly called: number;
}

/** The calls that prove a breach: the first to each of the first max + 1 numbers, the last of which crossed. */
export interface DistinctNumbersEvidence<Call extends CountedCall> {
  readonly maxNumbers: number;
  readonly firstCalls: readonly Call[];
  readonly crossing: Call;
}

/**
 * Article 7: "l'utilisateur n'appelle pas au cours du mois plus de 150 numéros différents." Breached by the first call
 * to the (max + 1)th distinct number; exactly max numbers are allowed.
 *
 * @param calls the line's counted calls of the period, in order of start, then identity
 */
export function judgeDistinctNumbers<Call extends CountedCall>(
  calls: readonly Call[],
  { maxNumbers }: DistinctNumbersSettings,
): DistinctNumbersEvidence<Call> | null {
  const seen = new Set<number>();
  const firstCalls: Call[] = [];
  for (const call of calls) {
    if (seen.has(call.called)) continue;
    seen.add(call.called);
    firstCalls.push(call);
    if (seen.size > maxNumbers) return { maxNumbers, firstCalls, crossing: call };
  }
  return null;
}
