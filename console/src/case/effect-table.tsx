import type { ReactNode } from 'react';
import type { ShownCase } from '../api/cases.ts';
import { useLanguage } from '../language/language.tsx';
import { CoverageMark } from '../parts/coverage-mark.tsx';

type Effect = ShownCase['outcomes'][number]['effect'];

/** What changes, by destination. */
export function EffectTable({ effect, currency }: { readonly effect: Effect; readonly currency: string }): ReactNode {
  const { t, f } = useLanguage();
  return (
    <table className="plain effect">
      <thead>
        <tr>
          <th scope="col">{t.case.destination}</th>
          <th scope="col">{t.case.before}</th>
          <th scope="col">{t.case.after}</th>
          <th scope="col" className="number">
            {t.case.calls}
          </th>
          <th scope="col" className="number">
            {t.case.charge}
          </th>
        </tr>
      </thead>
      <tbody>
        {effect.changes.map(({ period, destination, before, after, calls, charge }) => (
          <tr key={`${period} ${destination} ${before} ${after}`}>
            <td>{destination}</td>
            <td>
              <CoverageMark coverage={before} />
            </td>
            <td>
              <CoverageMark coverage={after} />
            </td>
            <td className="number">{f.count(calls)}</td>
            <td className="number">{f.signedMoney(charge, currency)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
