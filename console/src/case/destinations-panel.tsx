import type { ReactNode } from 'react';
import type { ShownCase } from '../api/cases.ts';
import { useLanguage } from '../language/language.tsx';
import { CoverageMark } from '../parts/coverage-mark.tsx';
import { CallsLink } from './calls-link.tsx';

/** Where the calls went, dearest first. */
export function DestinationsPanel({ shown }: { readonly shown: ShownCase }): ReactNode {
  const { t, f } = useLanguage();
  const { destinations, currency } = shown;
  return (
    <section className="panel destinations" aria-labelledby="destinations-title">
      <h2 id="destinations-title">{t.case.destinations}</h2>
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">{t.case.destination}</th>
            <th scope="col">{t.case.coverage}</th>
            <th scope="col" className="number">
              {t.case.calls}
            </th>
            <th scope="col" className="number">
              {t.case.minutes}
            </th>
            <th scope="col" className="number">
              {t.case.price}
            </th>
            <th scope="col" className="number">
              {t.case.charge}
            </th>
          </tr>
        </thead>
        <tbody>
          {destinations.map((each) => (
            <tr key={`${each.destination} ${each.coverage}`}>
              <td>
                <CallsLink calls={`to:${each.destination}`}>{each.destination}</CallsLink>
              </td>
              <td>
                <CoverageMark coverage={each.coverage} />
              </td>
              <td className="number">{f.count(each.calls)}</td>
              <td className="number">{f.duration(each.billedSeconds)}</td>
              <td className="number">{f.money(each.meteredPrice, currency)}</td>
              <td className="number">{f.money(each.charge, currency)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
