import { type CaseId, caseKey } from '../api/cases.ts';

/** What was typed on cases and not decided with yet: kept while the page is open, wherever one goes meanwhile. */
const drafts = new Map<string, string>();

export function draftOf(id: CaseId): string {
  return drafts.get(caseKey(id)) ?? '';
}

export function keepDraft(id: CaseId, text: string): void {
  if (text.trim() === '') drafts.delete(caseKey(id));
  else drafts.set(caseKey(id), text);
}
