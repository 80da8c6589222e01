import type { ReactNode } from 'react';
import type { ShownCase } from '../api/cases.ts';
import { useLanguage } from '../language/language.tsx';
import { visibleText } from '../language/text.ts';

/** What the calls came from: devices, and networks. */
export function DevicesPanel({ shown }: { readonly shown: ShownCase }): ReactNode {
  const { t } = useLanguage();
  return (
    <section className="panel devices" aria-label={`${t.case.devices}, ${t.case.networks}`}>
      <SeenTable title={t.case.devices} seen={shown.devices} timeZone={shown.timeZone} />
      <SeenTable title={t.case.networks} seen={shown.networks} timeZone={shown.timeZone} />
    </section>
  );
}

interface SeenTableProps {
  readonly title: string;
  readonly seen: ShownCase['devices'];
  readonly timeZone: string;
}

const SHOWN = 8;

function SeenTable({ title, seen, timeZone }: SeenTableProps): ReactNode {
  const { t, f } = useLanguage();
  return (
    <>
      <h2>{title}</h2>
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">
              <span className="unseen">{t.case.value}</span>
            </th>
            <th scope="col" className="number">
              {t.case.calls}
            </th>
            <th scope="col">{t.case.from}</th>
            <th scope="col">{t.case.to}</th>
          </tr>
        </thead>
        <tbody>
          {seen.slice(0, SHOWN).map(({ value, calls, firstAt, lastAt }) => (
            <tr key={value ?? ''}>
              <td>{value === null ? <em>{t.common.unknown}</em> : <code className="id">{visibleText(value)}</code>}</td>
              <td className="number">{f.count(calls)}</td>
              <td className="quiet-cell">{f.shortDayOf(firstAt, timeZone)}</td>
              <td className="quiet-cell">{f.shortDayOf(lastAt, timeZone)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
