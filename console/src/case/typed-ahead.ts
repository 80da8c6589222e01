import { useEffect } from 'react';
import type { CaseId } from '../api/cases.ts';
import { draftOf, keepDraft } from './drafts.ts';

/**
 * Keeps what is typed between asking to decide on a case and the form that it is meant for, on a slow server: as the
 * reason, and not as shortcuts.
 */
export function useTypedAhead({ line, period }: CaseId, isWaiting: boolean): void {
  useEffect(() => {
    if (!isWaiting) return undefined;
    const id = { line, period };
    const listen = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
      const isSign = event.key.length === 1;
      if (!isSign && event.key !== 'Backspace' && event.key !== 'Enter') return;
      event.preventDefault();
      event.stopPropagation();
      // Nobody decides on what is not shown yet: Enter does nothing. The key that asked for the form may be held down.
      if (event.key === 'Enter' || event.repeat) return;
      keepDraft(id, isSign ? draftOf(id) + event.key : draftOf(id).slice(0, -1));
    };
    addEventListener('keydown', listen, { capture: true });
    return () => removeEventListener('keydown', listen, { capture: true });
  }, [line, period, isWaiting]);
}
