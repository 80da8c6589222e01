import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useId, useRef, useState } from 'react';
import type { CaseActBody } from '../../../api/index.ts';
import { type CaseId, casePath } from '../api/cases.ts';
import { askOnce } from '../api/client.ts';
import { type Language, useLanguage } from '../language/language.tsx';
import { fill } from '../language/text.ts';
import { DayField } from '../parts/day-field.tsx';
import { FaultNote } from '../parts/fault-note.tsx';
import { PanelDialog } from '../parts/panel-dialog.tsx';
import { useMe } from '../shell/me.ts';
import { tellDone } from '../shell/undo-bar.tsx';
import { forget } from './decisions.ts';

export type ActKind = CaseActBody['kind'];

export interface ActDialogProps {
  readonly id: CaseId;
  readonly kind: ActKind;
  readonly close: () => void;
  /** The case is to be looked at on another day. */
  readonly snoozed?: () => void;
}

/** Gives a case to somebody, notes something on it, or puts it off until a day. */
export function ActDialog({ id, kind, close, snoozed }: ActDialogProps): ReactNode {
  const language = useLanguage();
  const { t } = language;
  const me = useMe();
  const queries = useQueryClient();
  const field = useId();
  const area = useRef<HTMLTextAreaElement | null>(null);
  const box = useRef<HTMLInputElement | null>(null);
  const [text, setText] = useState<string | null>(null);
  const value = text ?? firstValue(kind, me?.name ?? '');
  const acting = useMutation({
    mutationFn: (body: CaseActBody) => askOnce(`${casePath(id)}/acts`, body),
    onSuccess: () => {
      tellDone({ text: doneText(kind, value, id, language), isFault: false, undo: null });
      forget(queries, id);
      void queries.invalidateQueries({ queryKey: ['cases'] });
      close();
      if (kind === 'snooze' && value !== '') snoozed?.();
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    acting.mutate(bodyOf(kind, value.trim()));
  };
  return (
    <PanelDialog title={`${t.act.title[kind]} · ${id.line}`} close={close} first={kind === 'note' ? area : box}>
      <form className="decide" onSubmit={submit}>
        {acting.error !== null && <FaultNote error={acting.error} />}
        <div className="field">
          <label htmlFor={field}>{t.act.label[kind]}</label>
          {kind === 'note' ? (
            <textarea
              ref={area}
              id={field}
              rows={3}
              value={value}
              required
              onChange={(event) => setText(event.target.value)}
            />
          ) : kind === 'snooze' ? (
            <DayField id={field} value={value} change={setText} box={box} />
          ) : (
            <input ref={box} id={field} value={value} onChange={(event) => setText(event.target.value)} />
          )}
          <p className="hint">{t.act.hint[kind]}</p>
        </div>
        <button type="submit" className="button primary" disabled={acting.isPending}>
          {t.act.title[kind]}
        </button>
      </form>
    </PanelDialog>
  );
}

function doneText(kind: ActKind, value: string, { line }: CaseId, { t, f }: Language): string {
  if (kind === 'note') return fill(t.act.done.note, { line });
  if (value.trim() === '') return fill(t.act.ended[kind], { line });
  return fill(t.act.done[kind], { line, value: kind === 'snooze' ? f.longDay(value) : value.trim() });
}

function bodyOf(kind: ActKind, value: string): CaseActBody {
  if (kind === 'note') return { kind, note: value };
  if (kind === 'snooze') return { kind, until: value === '' ? null : value };
  return { kind, assignee: value === '' ? null : value };
}

const WEEK_MS = 7 * 86_400_000;

function firstValue(kind: ActKind, name: string): string {
  if (kind === 'note') return '';
  return kind === 'assign' ? name : new Date(Date.now() + WEEK_MS).toISOString().slice(0, 10);
}
