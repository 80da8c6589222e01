import { type ReactNode, useSyncExternalStore } from 'react';
import { useLanguage } from '../language/language.tsx';
import { useKeys } from '../parts/keys.ts';

/** What was done last, and how it is undone. */
export interface Done {
  readonly text: string;
  /** Fault or success. */
  readonly isFault: boolean;
  readonly undo: (() => void) | null;
  /** Shown until something else is: it is not done yet. */
  readonly stays?: boolean;
}

const SHOWN_MS = 10_000;
let done: Done | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();

/** Says what was done, for ten seconds; undoing it stays possible in the history of the case. */
export function tellDone(next: Done | null): void {
  done = next;
  clearTimeout(timer);
  if (next !== null && next.stays !== true) timer = setTimeout(() => tellDone(null), SHOWN_MS);
  for (const listener of listeners) listener();
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
    shown?.undo?.();
  };
  useKeys({ z: undo });
  return (
    <div className="undo" role="status" aria-live="polite">
      {shown !== null && (
        <div className={shown.isFault ? 'undo-bar fault-bar' : 'undo-bar'}>
          <span>{shown.text}</span>
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
