import type { DecideOutcome, PreviewName } from '../cases/decide-case.ts';
import type { CoverageChange, DecisionEffect } from '../cases/decision-effect.ts';
import { showPeriod } from '../value-text.ts';
import { isoInstant, plainMoney } from './values.ts';

/** An effect as data: `docs/reference/commands.md`. */
export function effectJson({ calls, charge, changes }: DecisionEffect): unknown {
  return { calls, charge: plainMoney(charge), changes: changes.map(changeJson) };
}

function changeJson({ period, charge, meteredPrice, ...change }: CoverageChange): unknown {
  return {
    period: showPeriod(period),
    ...change,
    meteredPrice: plainMoney(meteredPrice),
    charge: plainMoney(charge),
  };
}

function previewJson({ id, bucket, position }: PreviewName): unknown {
  return { id, position: `${bucket}:${position}` };
}

/** An outcome as data. */
export function outcomeJson(outcome: Exclude<DecideOutcome, { readonly kind: 'refused' }>): unknown {
  const { on } = outcome;
  const said = {
    v: 1,
    line: on.line,
    period: showPeriod(on.period),
    condition: on.condition,
    decision: on.decision,
    effectiveAt: isoInstant(on.effectiveAt),
  };
  const seen = outcome.preview === undefined ? {} : { preview: previewJson(outcome.preview) };
  if (outcome.kind === 'unchanged') {
    return { ...said, isKept: outcome.isKept, unchanged: outcome.futile.why, ...seen };
  }
  const { isKept, effect, stillHeldBy } = outcome;
  return { ...said, isKept, effect: effectJson(effect), stillHeldBy: stillHeldBy.map(showPeriod), ...seen };
}
