import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { QuarantinePage } from '../../../api/index.ts';
import { useLanguage } from '../language/language.tsx';
import { fill } from '../language/text.ts';
import { useZone } from '../shell/me.ts';

type Record = QuarantinePage['records'][number];

/** Records that are chosen, by number, and how one is chosen or left. */
export interface Choice {
  readonly chosen: ReadonlySet<number>;
  readonly toggle: (no: number) => void;
}

export interface RecordsProps {
  readonly records: readonly Record[];
  /** `null`: nothing is done to single records. */
  readonly choice: Choice | null;
}

/** The records of a reason, as they came, each with who wrote it off. */
export function Records({ records, choice }: RecordsProps): ReactNode {
  const { t, f } = useLanguage();
  const timeZone = useZone();
  return (
    <table className="plain records">
      <thead>
        <tr>
          <th scope="col" className="number">
            #
          </th>
          <th scope="col">{t.quarantine.line}</th>
          <th scope="col">{t.quarantine.dialled}</th>
          <th scope="col">{t.case.start}</th>
          <th scope="col">{t.quarantine.record}</th>
        </tr>
      </thead>
      <tbody>
        {records.map((each) => (
          <tr key={each.no}>
            <td className="number quiet-cell">
              <div className="chosen-by">
                {choice !== null && (
                  <input
                    type="checkbox"
                    checked={choice.chosen.has(each.no)}
                    aria-label={fill(t.quarantine.writeOff.choose, { no: String(each.no) })}
                    onChange={() => choice.toggle(each.no)}
                  />
                )}
                <span>{each.no}</span>
              </div>
            </td>
            <td>{each.line ?? '–'}</td>
            <td>
              <code>{each.dialled ?? '–'}</code>
            </td>
            <td className="instant">{each.startedAt === null ? '–' : f.instant(each.startedAt, timeZone)}</td>
            <td>
              <WriteOffs record={each} />
              {/* The engine's words, in which records are spoken of everywhere. Of what was read the heading says it. */}
              {each.dialled === null && <span lang="en">{each.detail}</span>}
              {each.reason === 'conflict' && each.call !== null && !each.call.includes('*') && (
                <Link to="/calls/$call" params={{ call: each.call }} search={{}}>
                  {fill(t.quarantine.compare, { call: each.call })}
                </Link>
              )}
              <details>
                <summary>
                  {t.quarantine.show} <span className="hint">{each.format}</span>
                </summary>
                {each.dialled !== null && <p lang="en">{each.detail}</p>}
                <pre>{each.record}</pre>
              </details>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Who wrote a record off and opened it again, and that it came again since. */
function WriteOffs({ record }: { readonly record: Record }): ReactNode {
  const { t, f } = useLanguage();
  const timeZone = useZone();
  const { by, again, back } = t.quarantine.writeOff;
  const isBack = record.state === 'waiting' && record.writeOffs.at(-1)?.act === 'written-off';
  return (
    <>
      {record.writeOffs.map(({ act, at, ...said }) => (
        <p className="hint" key={at}>
          {fill(act === 'written-off' ? by : again, { ...said, at: f.instant(at, timeZone) })}
        </p>
      ))}
      {isBack && <p>{back}</p>}
    </>
  );
}
