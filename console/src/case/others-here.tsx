import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect } from 'react';
import type { Others } from '../../../api/index.ts';
import { type CaseId, casePath } from '../api/cases.ts';
import { ask } from '../api/client.ts';
import { useLanguage } from '../language/language.tsx';
import { fill } from '../language/text.ts';

const AGAIN_MS = 15_000;

/** Says again and again that one looks at a case, and shows who else does. */
export function OthersHere({ id }: { readonly id: CaseId }): ReactNode {
  const { t } = useLanguage();
  const { line, period } = id;
  const { data } = useQuery({
    queryKey: ['presence', line, period],
    queryFn: ({ signal }) => tell({ line, period }, true, signal),
    refetchInterval: AGAIN_MS,
    refetchIntervalInBackground: true,
    gcTime: 0,
    retry: false,
  });
  useEffect(
    () => () => {
      // Where it does not arrive, those who look at the case are told later.
      tell({ line, period }, false).catch(() => {});
    },
    [line, period],
  );
  const others = data?.others ?? [];
  return (
    <p className="others-here" role="status">
      {others.length > 0 && fill(t.case.othersHere, { names: others.map(({ name }) => name).join(', ') })}
    </p>
  );
}

function tell(id: CaseId, isHere: boolean, signal?: AbortSignal): Promise<Others> {
  const asked = { method: 'PUT', body: { isHere }, ...(signal === undefined ? {} : { signal }) } as const;
  return ask<Others>(`${casePath(id)}/presence`, asked);
}
