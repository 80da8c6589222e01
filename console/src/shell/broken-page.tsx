import { type ErrorComponentProps, useRouter } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useLanguage } from '../language/language.tsx';
import { FaultNote } from '../parts/fault-note.tsx';

/** In the place of a page that could not be shown: one can go elsewhere, or try again. */
export function BrokenPage({ error, reset }: ErrorComponentProps): ReactNode {
  const { t } = useLanguage();
  const router = useRouter();
  const again = (): void => {
    reset();
    void router.invalidate();
  };
  return (
    <div className="page narrow">
      <h1>{t.fault.broken}</h1>
      <FaultNote error={error instanceof Error ? error : new Error(String(error))} retry={again} />
    </div>
  );
}
