import { type ReactNode, useState } from 'react';
import type { CasePattern } from '../api/cases.ts';
import { phoneText } from '../language/format.ts';
import { useLanguage } from '../language/language.tsx';
import { CoverageMark } from '../parts/coverage-mark.tsx';
import { PlainLink } from '../parts/plain-link.tsx';
import { useIsPrinting } from '../parts/use-printing.ts';
import { useMay } from '../shell/me.ts';

const FIRST = 25;
const STEP = 100;

export interface CallsTableProps {
  readonly calls: readonly CasePattern['calls'][number][];
  readonly currency: string;
  readonly timeZone: string;
}

/** Calls in order, some at a time; each leads to how it came to its charge. */
export function CallsTable({ calls, currency, timeZone }: CallsTableProps): ReactNode {
  const { t, f } = useLanguage();
  // Its id may be masked, and leads nowhere then.
  const mayOpen = useMay('usage:read');
  const [asked, setAsked] = useState(FIRST);
  const shown = useIsPrinting() ? calls.length : asked;
  return (
    <>
      <table className="plain call-rows">
        <thead>
          <tr>
            <th scope="col">{t.case.start}</th>
            <th scope="col">{t.case.number}</th>
            <th scope="col">{t.case.destination}</th>
            <th scope="col" className="number">
              {t.case.minutes}
            </th>
            <th scope="col">{t.case.coverage}</th>
            <th scope="col" className="number">
              {t.case.price}
            </th>
            <th scope="col">{t.case.call}</th>
          </tr>
        </thead>
        <tbody>
          {calls.slice(0, shown).map((call) => (
            <tr key={`${call.callId} ${call.startedAt}`}>
              <td>{f.instant(call.startedAt, timeZone)}</td>
              <td className="phone" title={call.number}>
                {phoneText(call.number)}
              </td>
              <td>{call.destination}</td>
              <td className="number">{f.duration(Math.ceil(call.durationMs / 1000))}</td>
              <td>
                <CoverageMark coverage={call.coverage} />
                {call.isForwarded && <span className="aside"> {t.case.forwarded}</span>}
                {call.isForeign && <span className="aside"> {t.case.foreign}</span>}
              </td>
              <td className="number">{f.money(call.meteredPrice, currency)}</td>
              <td>
                {mayOpen ? (
                  <PlainLink href={`/calls/${encodeURIComponent(call.callId)}`} className="figure call-id">
                    {call.callId}
                  </PlainLink>
                ) : (
                  <span className="call-id">{call.callId}</span>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {shown < calls.length && (
        <button type="button" className="button" onClick={() => setAsked(asked + STEP)}>
          {t.common.more}
        </button>
      )}
    </>
  );
}
