import { CSPProvider } from '@base-ui/react/csp-provider';
import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { type ReactNode, useSyncExternalStore } from 'react';
import { ApiProblem } from './api/client.ts';
import { whenBack } from './api/connection.ts';
import { currentKey, onKeyChange } from './api/key.ts';
import { signOutRefused } from './api/sign-in.ts';
import { LanguageProvider } from './language/language.tsx';
import { router } from './router.tsx';
import { Login } from './shell/login.tsx';

const queries = new QueryClient({
  queryCache: new QueryCache({ onError: signOutWhenRefused }),
  defaultOptions: {
    // A request is tried though the browser thinks that it is offline: it fails then, and that is said.
    mutations: { networkMode: 'always' },
    queries: {
      networkMode: 'always',
      // What the API refused it refuses again; what did not reach it is tried again when it answers.
      retry: (count, error) => !(error instanceof ApiProblem) && count < 2,
      refetchOnWindowFocus: false,
      staleTime: 15_000,
    },
  },
});
whenBack(() => void queries.invalidateQueries());

function signOutWhenRefused(error: Error): void {
  if (error instanceof ApiProblem && error.problem.status === 401) signOutRefused();
}

export function App(): ReactNode {
  return (
    <CSPProvider disableStyleElements>
      <QueryClientProvider client={queries}>
        <LanguageProvider>
          <Opened />
        </LanguageProvider>
      </QueryClientProvider>
    </CSPProvider>
  );
}

function Opened(): ReactNode {
  const key = useSyncExternalStore(onKeyChange, currentKey);
  if (key === null) {
    queries.clear();
    return <Login />;
  }
  return <RouterProvider router={router} />;
}
