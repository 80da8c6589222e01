import { type ReactNode } from 'react';
import { useHasCases } from '../api/cases.ts';
import { useLanguage } from '../language/language.tsx';
import { FIRST_FILTER } from '../api/queue-path.ts';

/** Nothing to show: no case of the filter, no case that is open, or a ledger that nothing has come to yet. */
export function EmptyQueue({ filter, clear }: { readonly filter: string; readonly clear: () => void }): ReactNode {
  const { t } = useLanguage();
  const ever = useHasCases();
  if (ever.data === false) return <FirstRun />;
  return (
    <div className="empty">
      <p>{filter === FIRST_FILTER ? t.queue.emptyAll : t.queue.empty}</p>
      {filter !== FIRST_FILTER && (
        <button type="button" className="button" onClick={clear}>
          {t.queue.clear}
        </button>
      )}
    </div>
  );
}

/** What to do first. */
function FirstRun(): ReactNode {
  const { t } = useLanguage();
  const { empty } = t;
  const steps: readonly (readonly [string, readonly string[]])[] = [
    [empty.decks, ['npx fairtally decks import deck.csv']],
    [empty.lines, ['npx fairtally lines import --accounts accounts.csv --lines lines.csv']],
    [empty.rate, ['npx fairtally rate calls.ndjson', `# ${empty.worker}`, 'npx fairtally worker']],
  ];
  return (
    <div className="first-run">
      <h2>{empty.title}</h2>
      <p>{empty.lead}</p>
      <ol>
        {steps.map(([what, commands]) => (
          <li key={what}>
            {what}
            <pre>{commands.join('\n')}</pre>
          </li>
        ))}
      </ol>
      <p>
        {empty.demo}
        <code>npx fairtally demo</code>
      </p>
    </div>
  );
}
