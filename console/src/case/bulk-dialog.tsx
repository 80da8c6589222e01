import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useRef, useState } from 'react';
import { type ListedCase, caseKey, takeOut } from '../api/cases.ts';
import { useLanguage } from '../language/language.tsx';
import { sumOfMoney } from '../language/money.ts';
import { fill } from '../language/text.ts';
import { FaultNote } from '../parts/fault-note.tsx';
import { PanelDialog } from '../parts/panel-dialog.tsx';
import { select } from '../queue/selection.ts';
import { type DecisionKind, forget, sendDecision, tryDecision } from './decisions.ts';
import { ReasonField } from './reason-field.tsx';

export interface BulkDialogProps {
  readonly decision: DecisionKind;
  readonly cases: readonly ListedCase[];
  readonly currency: string;
  readonly close: () => void;
}

interface Result {
  readonly each: ListedCase;
  /** `null`: decided. */
  readonly fault: string | null;
}

/** One decision on many cases: what it sums to before, and what became of each after. */
export function BulkDialog({ decision, cases, currency, close }: BulkDialogProps): ReactNode {
  const { t, f } = useLanguage();
  const queries = useQueryClient();
  const [kept] = useState(cases);
  const [reason, setReason] = useState('');
  const [isMissing, setIsMissing] = useState(false);
  const [done, setDone] = useState(0);
  const [results, setResults] = useState<readonly Result[] | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  const box = useRef<HTMLTextAreaElement | null>(null);
  const effect = useQuery({
    queryKey: ['bulk', decision, kept.map(caseKey)],
    queryFn: () => effectOf(kept, decision),
    staleTime: 0,
  });
  const failed = results?.filter(({ fault }) => fault !== null) ?? [];

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (reason.trim() === '') return setIsMissing(true);
    setIsBusy(true);
    const all: Result[] = [];
    for (const each of kept) {
      all.push({ each, fault: await decideOne(each, decision, reason.trim()) });
      setDone(all.length);
      if (all.at(-1)?.fault === null) takeOut(queries, each);
      forget(queries, each);
    }
    setResults(all);
    setIsBusy(false);
    // What was refused stays chosen.
    select(all.filter(({ fault }) => fault !== null).map(({ each }) => caseKey(each)));
  };

  return (
    <PanelDialog title={fill(t.bulk.title, { count: f.count(kept.length) })} close={close}>
      {results === null ? (
        <form className="decide" onSubmit={(event) => void submit(event)}>
          <p>
            <strong>{t.decision[decision]}</strong> ·{' '}
            {fill(t.bulk.sum, {
              calls: f.count(kept.reduce((sum, { atStakeCalls }) => sum + atStakeCalls, 0)),
              money: f.money(sumOfMoney(kept.map(({ atStake }) => atStake)), currency),
            })}
          </p>
          {effect.error !== null && <FaultNote error={effect.error} />}
          {effect.data !== undefined && (
            <p role="status">
              {fill(t.bulk.effect, {
                calls: f.count(effect.data.calls),
                money: f.signedMoney(effect.data.charge, currency),
              })}
            </p>
          )}
          <ReasonField decision={decision} value={reason} change={setReason} isMissing={isMissing} box={box} />
          <button type="submit" className="button primary" disabled={isBusy || effect.data === undefined}>
            {isBusy
              ? fill(t.bulk.computing, { done: f.count(done), count: f.count(kept.length) })
              : fill(t.bulk.go, { count: f.count(kept.length) })}
          </button>
        </form>
      ) : (
        <div role="status">
          <p>
            {f.plural(t.bulk.done, results.length - failed.length)}
            {failed.length > 0 && ` ; ${f.plural(t.bulk.failed, failed.length)}`}
          </p>
          <table className="plain">
            <thead>
              <tr>
                <th scope="col">{t.queue.columns.line}</th>
                <th scope="col">{t.queue.columns.customer}</th>
                <th scope="col">{t.bulk.result}</th>
              </tr>
            </thead>
            <tbody>
              {results.map(({ each, fault }) => (
                <tr key={caseKey(each)}>
                  <td>{each.line}</td>
                  <td>{each.accountName}</td>
                  <td>{fault ?? '✓'}</td>
                </tr>
              ))}
            </tbody>
          </table>
          <button type="button" className="button" onClick={close}>
            {t.common.close}
          </button>
        </div>
      )}
    </PanelDialog>
  );
}

async function effectOf(
  cases: readonly ListedCase[],
  decision: DecisionKind,
): Promise<{ readonly calls: number; readonly charge: string }> {
  let calls = 0;
  const charges: string[] = [];
  for (const each of cases) {
    for (const condition of each.conditions) {
      const { effect } = await tryDecision(each, condition, decision);
      calls += effect?.calls ?? 0;
      charges.push(effect?.charge ?? '0');
    }
  }
  return { calls, charge: sumOfMoney(charges) };
}

async function decideOne(each: ListedCase, decision: DecisionKind, note: string): Promise<string | null> {
  try {
    await sendDecision({ id: each, conditions: each.conditions, decision, note });
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
