import { useQuery } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useDeferredValue, useEffect, useId, useRef, useState } from 'react';
import type { ShownCase } from '../api/cases.ts';
import { named, useLanguage } from '../language/language.tsx';
import { FaultNote } from '../parts/fault-note.tsx';
import { focusContent } from '../parts/focus-content.ts';
import { conditionsOf } from '../queue/filter.ts';
import { useMay } from '../shell/me.ts';
import { type DecisionKind, previewOf, useDecide } from './decisions.ts';
import { draftOf, keepDraft } from './drafts.ts';
import { EffectTable } from './effect-table.tsx';
import { ReasonField, isReason } from './reason-field.tsx';

const KINDS: readonly DecisionKind[] = ['confirm', 'dismiss', 'reinstate'];
const ALL = '*';

export interface DecideFormProps {
  readonly shown: ShownCase;
  /** The filter of the queue that the case is of: of several conditions the one that it names is asked for first. */
  readonly filter: string;
  /** Which decision is meant; a key press chooses it, too. */
  readonly decision: DecisionKind;
  readonly choose: (decision: DecisionKind) => void;
  /** Counts up when the keyboard asks for the form: the reason gets the focus then. */
  readonly asked: number;
  readonly decided: () => void;
}

/** What each decision would cost, and the decision itself. */
export function DecideForm({ shown, filter, decision, choose, asked, decided }: DecideFormProps): ReactNode {
  const { t, f } = useLanguage();
  const mayDecide = useMay('cases:decide');
  const { summary, outcomes, period, currency } = shown;
  const conditions = summary.breaches.map((breach) => breach.condition);
  const undecided = summary.breaches.filter(isUndecided).map((breach) => breach.condition);
  const [condition, setCondition] = useState(() => {
    const meant = conditionsOf(filter);
    return meant.find((each) => undecided.includes(each)) ?? undecided[0] ?? conditions[0] ?? '';
  });
  const caseId = { line: summary.line, period };
  const [reason, setReason] = useState(() => draftOf(caseId));
  const [isMissing, setIsMissing] = useState(false);
  const reasonBox = useRef<HTMLTextAreaElement | null>(null);
  const deciding = useDecide();
  const id = useId();
  useEffect(() => {
    if (asked > 0) reasonBox.current?.focus();
  }, [asked]);
  const wanted = condition === ALL ? null : condition;
  const told = outcomes.find((outcome) => outcome.condition === wanted && outcome.decision === decision);
  const mayReinstate = (wanted === null ? conditions : [wanted]).every((each) => isHeld(summary, each));
  const change = (text: string): void => {
    setReason(text);
    keepDraft(caseId, text);
  };
  // The browser paints first what there is.
  const isPainted = useDeferredValue(true, false);
  const isMeant = decision !== 'reinstate' || mayReinstate;
  const tried = useQuery({
    ...previewOf(caseId, condition, decision),
    enabled: condition !== ALL && condition !== '' && mayDecide && isMeant && isPainted,
  });
  const effect = told?.effect ?? tried.data?.effect;

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!isMeant) return;
    if (!isReason(reason)) {
      setIsMissing(true);
      reasonBox.current?.focus();
      return;
    }
    const chosen = condition === ALL ? conditions : [condition];
    // A preview that says something else than what is shown is none of it: it is asked for again, and refused then.
    const { effect: now, preview: kept } = tried.data ?? {};
    const isShown = now !== undefined && now.calls === effect?.calls && now.charge === effect.charge;
    const preview = isShown ? kept?.id : undefined;
    const left = decision === 'reinstate' ? [] : undecided.filter((each) => !chosen.includes(each));
    deciding.mutate({
      id: caseId,
      conditions: chosen,
      isLast: left.length === 0,
      decision,
      note: reason.trim(),
      currency,
      ...(effect === undefined ? {} : { seen: effect }),
      ...(preview === undefined || condition === ALL ? {} : { preview }),
    });
    if (left.length === 0) return decided();
    // The case is still open: the next of its conditions is asked for, and keys are heard again, undoing among them.
    focusContent();
    setCondition(left[0] ?? ALL);
    setReason('');
    setIsMissing(false);
  };

  const costOf = (kind: DecisionKind): ReactNode => {
    const outcome = outcomes.find((each) => each.condition === wanted && each.decision === kind);
    if (kind === 'reinstate' && !mayReinstate) return <span className="hint">{t.decide.nothingHeld}</span>;
    if (outcome === undefined) return null;
    const { calls, charge } = outcome.effect;
    return calls === 0 ? <span className="hint">{t.decide.nothing}</span> : <b>{f.signedMoney(charge, currency)}</b>;
  };

  return (
    <form className="decide" onSubmit={submit}>
      {conditions.length > 1 && (
        <div className="field">
          <label htmlFor={`${id}-condition`}>{t.decide.condition}</label>
          <select id={`${id}-condition`} value={condition} onChange={(event) => setCondition(event.target.value)}>
            {conditions.map((each) => (
              <option key={each} value={each}>
                {named(t.condition, each)}
              </option>
            ))}
            <option value={ALL}>{t.decide.allConditions}</option>
          </select>
        </div>
      )}
      <fieldset className="kinds">
        <legend>{t.case.outcomes}</legend>
        {KINDS.map((kind) => (
          <label key={kind} className={`kind kind-${kind}`}>
            <input
              type="radio"
              name={`${id}-kind`}
              value={kind}
              checked={kind === decision}
              disabled={kind === 'reinstate' && !mayReinstate}
              onChange={() => choose(kind)}
            />
            <span>{t.decision[kind]}</span>
            {costOf(kind)}
            <kbd aria-hidden="true">{kind.slice(0, 1)}</kbd>
          </label>
        ))}
      </fieldset>
      {effect !== undefined && effect.changes.length > 0 && (
        // What scrolls must be within reach of the keyboard.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <div className="effect-box" role="region" aria-label={t.case.byDestination} tabIndex={0}>
          <p>
            {f.plural(t.decide.changes, effect.calls)}, <strong>{f.signedMoney(effect.charge, currency)}</strong>
          </p>
          <EffectTable effect={effect} currency={currency} />
        </div>
      )}
      {effect !== undefined && effect.changes.length === 0 && told === undefined && (
        <p className="hint">{t.decide.nothing}</p>
      )}
      {tried.error !== null && <FaultNote error={tried.error} retry={() => void tried.refetch()} />}
      {mayDecide ? (
        <>
          <ReasonField decision={decision} value={reason} change={change} isMissing={isMissing} box={reasonBox} />
          <button
            type="submit"
            className={`button primary submit-${decision}`}
            disabled={deciding.isPending || !isMeant}
          >
            {deciding.isPending ? t.decide.going : t.decision[decision]}
          </button>
        </>
      ) : (
        <p className="hint">{t.decide.noScope}</p>
      )}
    </form>
  );
}

function isUndecided({ status }: ShownCase['summary']['breaches'][number]): boolean {
  return status === 'undecided' || status === 'in-force';
}

/** Whether a condition has calls charged, in this month or from one before: else there is nothing to include again. */
function isHeld({ breaches, heldByEarlierMonths }: ShownCase['summary'], condition: string): boolean {
  const status = breaches.find((breach) => breach.condition === condition)?.status;
  return (
    status === 'in-force' || status === 'confirmed' || heldByEarlierMonths.some((held) => held.condition === condition)
  );
}
