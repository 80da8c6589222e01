import { Link } from '@tanstack/react-router';
import { type ReactNode, useSyncExternalStore } from 'react';
import type { CaseId } from '../api/cases.ts';
import { useLanguage } from '../language/language.tsx';
import { fill } from '../language/text.ts';
import { useKeys } from '../parts/keys.ts';

/** What was done last, and how it is undone. */
export interface Done {
  readonly text: string;
  /** Fault or success. */
  readonly isFault: boolean;
  readonly undo: (() => void) | null;
  /** Shown until something else is: it is not done yet. */
  readonly stays?: boolean;
  /** Which deed it is: what is told of it while it is under way, and what came of it, have the same. */
  readonly about?: string;
  /** That it is under way, and is undone then. */
  readonly undoneSoon?: boolean;
  /** The case that is to be looked at. */
  readonly open?: CaseId;
}

const SHOWN_MS = 10_000;
let done: Done | null = null;
/** What is to be undone as soon as it is done. */
let undoWanted: string | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();

/** Says what was done, for ten seconds; undoing it stays possible in the history of the case. */
export function tellDone(next: Done | null): void {
  done = next;
  clearTimeout(timer);
  if (next !== null && next.stays !== true) timer = setTimeout(() => tellDone(null), SHOWN_MS);
  for (const listener of listeners) listener();
  if (next?.about === undefined || next.about !== undoWanted) return;
  if (next.undo !== null || next.stays !== true) undoWanted = null;
  next.undo?.();
}

export function UndoBar(): ReactNode {
  const { t } = useLanguage();
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => done,
  );
  const undo = (): void => {
    if (shown?.about !== undefined && shown.stays === true && !shown.isFault) {
      undoWanted = shown.about;
      // Not said twice.
      if (shown.undoneSoon !== true) {
        tellDone({ ...shown, text: fill(t.decide.undoneSoon, { text: shown.text }), undoneSoon: true });
      }
    }
    shown?.undo?.();
  };
  useKeys({ z: undo });
  return (
    <div className="undo" role="status" aria-live="polite">
      {shown !== null && (
        <div className={shown.isFault ? 'undo-bar fault-bar' : 'undo-bar'}>
          <span>{shown.text}</span>
          {shown.open !== undefined && (
            <Link to="/cases/$line/$period" params={shown.open} className="undo-button">
              {fill(t.fault.openCase, { line: shown.open.line })}
            </Link>
          )}
          {shown.undo !== null && (
            <button type="button" className="undo-button" onClick={undo}>
              {t.decide.undo} <kbd>{t.decide.undoKey}</kbd>
            </button>
          )}
          <button type="button" className="undo-close" aria-label={t.common.close} onClick={() => tellDone(null)}>
            ✕
          </button>
        </div>
      )}
    </div>
  );
}
