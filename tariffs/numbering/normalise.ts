import { isShortCode } from './format-number.ts';
import type { NumberingPlan } from './numbering-plan.ts';
import type { RefusalCode } from './refusal.ts';

/** The one form of a number, whatever notation it came in. `called`: its digits, as everywhere. */
export type Normalised =
  | { readonly kind: 'e164'; readonly called: number }
  | { readonly kind: 'short-code'; readonly called: number }
  | { readonly kind: 'refusal'; readonly reason: RefusalCode };

/** What number a dialled string means, without its destination: for numbers of lines, diversions, decks. */
export function normalise(plan: NumberingPlan, dialled: string): Normalised {
  const classified = plan.classify(dialled);
  if (classified.kind === 'refusal') return classified;
  return { kind: isShortCode(classified.called) ? 'short-code' : 'e164', called: classified.called };
}
