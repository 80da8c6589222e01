import { useQuery } from '@tanstack/react-query';
import type { Me } from '../../../api/index.ts';
import { ask } from '../api/client.ts';

/** Who is signed in; `undefined` until it is known. */
export function useMe(): Me | undefined {
  return useQuery({ queryKey: ['me'], queryFn: ({ signal }) => ask<Me>('/v1/me', { signal }), staleTime: Infinity })
    .data;
}

/** In which civil time instants are shown: the ledger's, wherever the browser is. */
export function useZone(): string {
  return useMe()?.timeZone ?? 'Europe/Paris';
}

/** Whether who is signed in may do something; `true` until it is known, since the server decides anyway. */
export function useMay(scope: Me['scopes'][number]): boolean {
  const me = useMe();
  return me === undefined || me.scopes.includes(scope);
}

/** The same of what is asked of the server: `false` until it is known, since a refusal is an error of the page. */
export function useMayAsk(scope: Me['scopes'][number]): boolean {
  return useMe()?.scopes.includes(scope) ?? false;
}
