import { type ReactNode, useState } from 'react';
import type { DeckComparison } from '../../../api/index.ts';
import { useLanguage } from '../language/language.tsx';
import { fill } from '../language/text.ts';

type Change = DeckComparison['changes'][number];

const SHOWN = 40;
const SIGNS: Readonly<Record<string, string>> = { rise: '▲', fall: '▼', mixed: '◆', same: '=' };

/** What rises and what falls when a deck takes the place of another: bars to the right and to the left. */
export function ChangesPicture({ comparison }: { readonly comparison: DeckComparison }): ReactNode {
  const { t, f } = useLanguage();
  const [shown, setShown] = useState(SHOWN);
  const { changes } = comparison;
  if (changes.length === 0) return <p className="lead">{t.decks.none}</p>;
  const countOf = (which: (change: Change) => boolean): string => f.count(changes.filter(which).length);
  const sorted = changes.toSorted((a, b) => Math.abs(sizeOf(b)) - Math.abs(sizeOf(a)));
  const most = Math.max(1e-9, ...changes.map((change) => Math.abs(sizeOf(change))));
  const said = { rise: t.decks.rise, fall: t.decks.fall, mixed: t.decks.mixed, same: t.decks.same };
  return (
    <>
      <h3>{t.decks.changes}</h3>
      <p className="change-sums">
        <span className="rise">
          ▲ {fill(t.decks.rises, { count: countOf(({ direction }) => direction === 'rise') })}
        </span>
        <span className="fall">
          ▼ {fill(t.decks.falls, { count: countOf(({ direction }) => direction === 'fall') })}
        </span>
        <span>{fill(t.decks.added, { count: countOf(({ change }) => change === 'added') })}</span>
        <span>{fill(t.decks.removed, { count: countOf(({ change }) => change === 'removed') })}</span>
      </p>
      <table className="plain changes">
        <thead>
          <tr>
            <th scope="col">{t.decks.destination}</th>
            <th scope="col">{t.decks.change}</th>
            <th scope="col" aria-hidden="true" />
            <th scope="col">{t.decks.before}</th>
            <th scope="col">{t.decks.after}</th>
          </tr>
        </thead>
        <tbody>
          {sorted.slice(0, shown).map((change) => (
            <tr key={`${change.key} ${change.from} ${change.change}`}>
              <th scope="row">
                {change.destination}
                {change.key !== change.destination && <code className="id"> {change.key}</code>}
              </th>
              <td className={change.direction}>
                <span aria-hidden="true">{SIGNS[change.direction]}</span>{' '}
                {change.change === 'changed'
                  ? said[change.direction]
                  : change.change === 'added'
                    ? t.decks.addedOne
                    : t.decks.removedOne}
              </td>
              <td className="diverging" aria-hidden="true">
                <span className={change.direction} style={placeOf(sizeOf(change) / most)} />
              </td>
              <td className="number">{partsOf(change, 'before')}</td>
              <td className="number">{partsOf(change, 'after')}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {shown < sorted.length && (
        <button type="button" className="button" onClick={() => setShown(shown + 200)}>
          {t.common.more}
        </button>
      )}
    </>
  );
}

/** How much the price by the minute changes: for the length of a bar alone. */
function sizeOf({ differences }: Change): number {
  const first = differences.find(({ part }) => String(part).startsWith('price')) ?? differences[0];
  const by = Number(first?.['by']);
  return Number.isFinite(by) ? by : 0;
}

function placeOf(share: number): { readonly left: string; readonly width: string } {
  const width = Math.abs(share) * 50;
  return { left: `${share < 0 ? 50 - width : 50}%`, width: `${width}%` };
}

function partsOf({ differences }: Change, side: 'before' | 'after'): string {
  return differences.map((difference) => String(difference[side])).join(', ');
}
