import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useLanguage } from '../language/language.tsx';

export function NotFound(): ReactNode {
  const { t } = useLanguage();
  return (
    <div className="page narrow">
      <h1>{t.notFound.title}</h1>
      <p>{t.notFound.lead}</p>
      <Link to="/" className="button">
        {t.case.back}
      </Link>
    </div>
  );
}
