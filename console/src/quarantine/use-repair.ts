import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Numbering, NumberRepairBody, NumbersRepaired } from '../../../api/index.ts';
import { ask, askOnce } from '../api/client.ts';
import { useLanguage } from '../language/language.tsx';
import { fill } from '../language/text.ts';
import { focusContent } from '../parts/focus-content.ts';
import { tellDone } from '../shell/undo-bar.tsx';

export type Repair = NumberRepairBody['repair'];

/** Where a prefix may lead to, and what was said of numbers before. */
export function useNumbering() {
  return useQuery({ queryKey: ['numbering'], queryFn: ({ signal }) => ask<Numbering>('/v1/numbering', { signal }) });
}

/** What a repair would do to what waits; nothing is kept. @param repair `null`: it is not said yet */
export function useTriedRepair(repair: Repair | null) {
  return useQuery({
    queryKey: ['try-repair', repair],
    queryFn: ({ signal }) =>
      ask<NumbersRepaired>('/v1/numbering/repairs', {
        method: 'POST',
        body: { repair, note: '', dryRun: true },
        signal,
      }),
    enabled: repair !== null,
    retry: false,
  });
}

/** Keeps a repair, has what waits rated by it, and says what came of it. */
export function useRepair() {
  const { t, f } = useLanguage();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ repair, note }: { readonly repair: Repair; readonly note: string }) =>
      askOnce<NumbersRepaired>('/v1/numbering/repairs', { repair, note } satisfies NumberRepairBody),
    onSuccess: ({ rated = 0, counts = [] }) => {
      const left = counts.filter(({ state }) => state === 'waiting').reduce((sum, { records }) => sum + records, 0);
      const text = fill(t.repair.done, { rated: f.count(rated), left: f.count(left) });
      tellDone({ text, isFault: false, undo: null });
      focusContent();
      void queries.invalidateQueries();
    },
  });
}
