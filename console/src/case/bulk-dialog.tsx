import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useRef, useState } from 'react';
import type { BulkBody, BulkOutcome } from '../../../api/index.ts';
import { type CaseId, caseKey, takeOut } from '../api/cases.ts';
import { ask, askOnce } from '../api/client.ts';
import { useLanguage } from '../language/language.tsx';
import { fill } from '../language/text.ts';
import { FaultNote } from '../parts/fault-note.tsx';
import { PanelDialog } from '../parts/panel-dialog.tsx';
import { select } from '../queue/selection.ts';
import { forget } from './decisions.ts';
import { ReasonField, isReason } from './reason-field.tsx';

/** What can be decided on many cases at once. */
export type BulkDecision = 'confirm' | 'dismiss';

/** Which cases: some, or all of a filter but for some; `count` is how many they were when they were seen. */
export type Chosen =
  | { readonly kind: 'cases'; readonly cases: readonly CaseId[]; readonly count: number }
  | { readonly kind: 'filter'; readonly filter: string; readonly except: readonly CaseId[]; readonly count: number };

export interface BulkDialogProps {
  readonly decision: BulkDecision;
  readonly chosen: Chosen;
  readonly close: () => void;
}

/** One decision on many cases: what it sums to before, and what became of each after. */
export function BulkDialog({ decision, chosen, close }: BulkDialogProps): ReactNode {
  const { t, f } = useLanguage();
  const queries = useQueryClient();
  const [kept] = useState(chosen);
  const [reason, setReason] = useState('');
  const [isMissing, setIsMissing] = useState(false);
  const box = useRef<HTMLTextAreaElement | null>(null);
  const preview = useQuery({
    queryKey: ['bulk', decision, kept],
    queryFn: () => sendBulk(kept, decision, '', true),
    staleTime: 0,
    gcTime: 0,
  });
  const deciding = useMutation({
    mutationFn: () => sendBulk(kept, decision, reason.trim(), false),
    onSuccess: ({ results }) => {
      for (const each of results) {
        if (each.outcome === 'done') takeOut(queries, each);
        forget(queries, each);
      }
      // What was refused stays chosen.
      select(results.filter(({ outcome }) => outcome === 'refused').map(caseKey));
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!isReason(reason)) return setIsMissing(true);
    deciding.mutate();
  };
  const fault = preview.error ?? deciding.error;
  return (
    <PanelDialog title={f.plural(t.bulk.title, kept.count)} close={close} first={box}>
      {fault !== null && <FaultNote error={fault} />}
      {deciding.data === undefined ? (
        <form className="decide" onSubmit={submit}>
          <p role="status">
            <strong>{t.decision[decision]}</strong>
            {' · '}
            {preview.data === undefined
              ? t.common.loading
              : fill(t.bulk.effect, {
                  calls: f.plural(t.decide.changes, preview.data.calls),
                  money: f.signedMoney(preview.data.charge, preview.data.currency),
                })}
          </p>
          {preview.data !== undefined && preview.data.refused > 0 && (
            <p className="field-fault">{f.plural(t.bulk.failed, preview.data.refused)}</p>
          )}
          <ReasonField decision={decision} value={reason} change={setReason} isMissing={isMissing} box={box} />
          <button type="submit" className="button primary" disabled={deciding.isPending || preview.data === undefined}>
            {deciding.isPending ? t.decide.going : f.plural(t.bulk.go, kept.count)}
          </button>
        </form>
      ) : (
        <Results outcome={deciding.data} close={close} />
      )}
    </PanelDialog>
  );
}

function Results({ outcome, close }: { readonly outcome: BulkOutcome; readonly close: () => void }): ReactNode {
  const { t, f } = useLanguage();
  return (
    <div role="status" className="decide">
      <p>
        {f.plural(t.bulk.done, outcome.done)}
        {outcome.refused > 0 && `, ${f.plural(t.bulk.failed, outcome.refused)}`}
      </p>
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">{t.queue.columns.line}</th>
            <th scope="col">{t.bulk.result}</th>
            <th scope="col" className="number">
              {t.case.charge}
            </th>
          </tr>
        </thead>
        <tbody>
          {outcome.results.map((each) => (
            <tr key={caseKey(each)}>
              <td>{each.line}</td>
              <td>{each.outcome === 'done' ? '✓' : each.errors.map(({ detail }) => detail).join(', ') || '='}</td>
              <td className="number">{f.signedMoney(each.charge, outcome.currency)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <button type="button" className="button" onClick={close}>
        {t.common.close}
      </button>
    </div>
  );
}

function keysOf(cases: readonly CaseId[]): CaseId[] {
  return cases.map(({ line, period }) => ({ line, period }));
}

function sendBulk(chosen: Chosen, decision: BulkDecision, note: string, dryRun: boolean): Promise<BulkOutcome> {
  const which =
    chosen.kind === 'filter'
      ? { filter: chosen.filter, except: keysOf(chosen.except) }
      : { cases: keysOf(chosen.cases) };
  const body: BulkBody = { ...which, count: chosen.count, act: { kind: 'decide', decision, note }, dryRun };
  // A dry run keeps nothing.
  return dryRun
    ? ask<BulkOutcome>('/v1/cases/bulk', { method: 'POST', body })
    : askOnce<BulkOutcome>('/v1/cases/bulk', body);
}
