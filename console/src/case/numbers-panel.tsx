import { type ReactNode, useState } from 'react';
import type { CasePattern, ShownCase } from '../api/cases.ts';
import { phoneText } from '../language/format.ts';
import { useLanguage } from '../language/language.tsx';
import { fill } from '../language/text.ts';
import { useIsPrinting } from '../parts/use-printing.ts';
import { rangeOf } from './calls-filter.ts';
import { CallsLink } from './calls-link.tsx';

const STEP = 12;

export interface NumbersPanelProps {
  readonly shown: ShownCase;
  readonly pattern: CasePattern | undefined;
}

/** Whom the line called: runs of numbers, blocks, and each number with the other lines that called it. */
export function NumbersPanel({ shown, pattern }: NumbersPanelProps): ReactNode {
  const { t, f } = useLanguage();
  const [asked, setAsked] = useState(STEP);
  const { numbers, numbersCalled, currency } = shown;
  const count = useIsPrinting() ? numbers.length : asked;
  return (
    <section className="panel numbers" id="numbers" aria-labelledby="numbers-title">
      <header className="panel-head">
        <h2 id="numbers-title">{t.case.numbers}</h2>
        <p className="hint">
          {fill(t.case.numbersShown, {
            shown: f.count(Math.min(count, numbers.length)),
            count: f.count(numbersCalled),
          })}
        </p>
      </header>
      {pattern !== undefined && <Runs pattern={pattern} />}
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">{t.case.number}</th>
            <th scope="col">{t.case.destination}</th>
            <th scope="col" className="number">
              {t.case.calls}
            </th>
            <th scope="col" className="number">
              {t.case.minutes}
            </th>
            <th scope="col" className="number">
              {t.case.price}
            </th>
            <th scope="col">{t.case.otherLines}</th>
          </tr>
        </thead>
        <tbody>
          {numbers.slice(0, count).map((each) => (
            <tr key={each.number}>
              <td className="phone" title={each.number}>
                <CallsLink calls={`number:${each.number}`}>{phoneText(each.number)}</CallsLink>
              </td>
              <td>{each.destination}</td>
              <td className="number">{f.count(each.calls)}</td>
              <td className="number">{f.duration(each.billedSeconds)}</td>
              <td className="number">{f.money(each.meteredPrice, currency)}</td>
              <td title={each.otherLines.map(({ line, calls }) => `${line} (${calls})`).join(', ')}>
                {each.otherLines.length === 0 ? '' : f.plural(t.case.otherLinesOf, each.otherLines.length)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {count < numbers.length && (
        <button type="button" className="button" onClick={() => setAsked(asked + 100)}>
          {t.common.more}
        </button>
      )}
    </section>
  );
}

/** Runs and crowded blocks: a bar each, as long as it has numbers. */
function Runs({ pattern }: { readonly pattern: CasePattern }): ReactNode {
  const { t, f } = useLanguage();
  const { runs, blocks } = pattern;
  const most = Math.max(1, ...[...runs, ...blocks].map(({ numbers }) => numbers));
  const list = (title: string, items: CasePattern['runs']): ReactNode =>
    items.length > 0 && (
      <div className="runs">
        <h3>{title}</h3>
        <ul>
          {items.slice(0, 5).map(({ from, to, numbers }) => (
            <li key={from}>
              <span className="phone">
                <RunLink from={from} to={to}>
                  {fill(t.case.run, { from: phoneText(from), to: endOf(from, to) })}
                </RunLink>
              </span>
              <span className="bar" aria-hidden="true">
                <span style={{ width: `${(numbers / most) * 100}%` }} />
              </span>
              <span className="bar-text">{f.plural(t.case.runNumbers, numbers)}</span>
            </li>
          ))}
        </ul>
      </div>
    );
  if (runs.length === 0 && blocks.length === 0) return <p className="hint">{t.case.noRuns}</p>;
  return (
    <div className="runs-pair">
      {list(t.case.runs, runs)}
      {list(t.case.blocks, blocks)}
    </div>
  );
}

/** Leads to the calls of a run; masked numbers do not tell which these are. */
function RunLink({
  from,
  to,
  children,
}: {
  readonly from: string;
  readonly to: string;
  readonly children: string;
}): ReactNode {
  const calls = rangeOf(from, to);
  return calls === null ? children : <CallsLink calls={calls}>{children}</CallsLink>;
}

/** The end of a run: its last four digits where the rest is the same. */
function endOf(from: string, to: string): string {
  return from.slice(0, -4) === to.slice(0, -4) ? `…${phoneText(to).slice(-5)}` : phoneText(to);
}
