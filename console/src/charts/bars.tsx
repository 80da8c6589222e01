import type { ReactNode } from 'react';

export interface Bar {
  readonly key: string;
  readonly label: ReactNode;
  /** Its length, in any unit; below 0: to the left. */
  readonly value: number;
  readonly text: string;
  readonly tone?: 'accent' | 'charged' | 'included' | 'stake' | 'free';
}

/** Bars one below the other, each with its name and its figure: a table and a chart in one. */
export function Bars({ bars, title }: { readonly bars: readonly Bar[]; readonly title: string }): ReactNode {
  const most = Math.max(1e-9, ...bars.map(({ value }) => Math.abs(value)));
  return (
    <table className="bars">
      <caption className="unseen">{title}</caption>
      <tbody>
        {bars.map(({ key, label, value, text, tone = 'accent' }) => (
          <tr key={key}>
            <th scope="row">{label}</th>
            <td className="bar-cell" aria-hidden="true">
              <span className="bar">
                <span className={`tone-${tone}`} style={{ width: `${(Math.abs(value) / most) * 100}%` }} />
              </span>
            </td>
            <td className="number">{text}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
