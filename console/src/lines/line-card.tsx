import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ask } from '../api/client.ts';
import { phoneText } from '../language/format.ts';
import { named, useLanguage } from '../language/language.tsx';
import { visibleText } from '../language/text.ts';
import { useMayAsk } from '../shell/me.ts';

/** What the console reads of a line as it is kept, `GET /v1/lines/:line`. */
interface KeptLine {
  readonly account: string;
  readonly spans: readonly {
    readonly from: string;
    readonly number: { readonly e164: string } | null;
    readonly offer: string | null;
    readonly usageClass: string | null;
  }[];
}

/** Whose line it is, and what it is: as it is kept now. Nothing where the key may not read that. */
export function LineCard({ line }: { readonly line: string }): ReactNode {
  const { t } = useLanguage();
  const mayRead = useMayAsk('provisioning:read');
  const kept = useQuery({
    queryKey: ['line', line],
    queryFn: ({ signal }) => ask<KeptLine>(`/v1/lines/${encodeURIComponent(line)}`, { signal }),
    enabled: mayRead,
  });
  const account = kept.data?.account;
  const owner = useQuery({
    queryKey: ['account', account],
    queryFn: ({ signal }) =>
      ask<{ readonly name: string }>(`/v1/accounts/${encodeURIComponent(account ?? '')}`, { signal }),
    enabled: account !== undefined,
  });
  const now = kept.data?.spans.at(-1);
  if (kept.data === undefined) return null;
  const told = [
    now?.number === null || now === undefined ? null : phoneText(now.number.e164),
    now?.offer,
    typeof now?.usageClass === 'string' ? named(t.usageClass, now.usageClass) : null,
  ];
  return (
    <p className="lead">
      <bdi>{visibleText(owner.data?.name ?? '')}</bdi> <bdi className="hint">{kept.data.account}</bdi>
      {told.filter((each) => typeof each === 'string').map((each) => ` · ${each}`)}
    </p>
  );
}
