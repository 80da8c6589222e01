import type { ReactNode } from 'react';
import type { ShownCase } from '../api/cases.ts';
import { named, useLanguage } from '../language/language.tsx';
import { useIsPrinting } from '../parts/use-printing.ts';
import { EffectTable } from './effect-table.tsx';

/** On paper, where nothing can be chosen: what each decision would cost, with its calls by destination. */
export function CostsOnPaper({ shown }: { readonly shown: ShownCase }): ReactNode {
  return useIsPrinting() && shown.outcomes.length > 0 ? <Costs shown={shown} /> : null;
}

function Costs({ shown }: { readonly shown: ShownCase }): ReactNode {
  const { t, f } = useLanguage();
  const { outcomes, currency, summary } = shown;
  // Of one condition, all of them are that one.
  const told = summary.breaches.length > 1 ? outcomes : outcomes.filter(({ condition }) => condition !== null);
  return (
    <section className="panel costs" aria-labelledby="costs-title">
      <h2 id="costs-title">{t.case.outcomes}</h2>
      {told.map(({ condition, decision, effect }) => (
        <div key={`${condition} ${decision}`} className="cost">
          <h3>
            {named(t.decision, decision)} ·{' '}
            {condition === null ? t.decide.allConditions : named(t.condition, condition)}
            {t.common.colon}
            {effect.calls === 0 ? (
              t.decide.nothing
            ) : (
              <>
                {f.plural(t.decide.changes, effect.calls)}, {f.signedMoney(effect.charge, currency)}
              </>
            )}
          </h3>
          {effect.changes.length > 0 && <EffectTable effect={effect} currency={currency} />}
        </div>
      ))}
    </section>
  );
}
