import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, Fragment, type ReactNode, useId, useState } from 'react';
import type {
  AccountList,
  LineList,
  LinesStored,
  NewLines,
  OfferList,
  QuarantinePage,
  Replayed,
} from '../../../api/index.ts';
import { ask, askOnce } from '../api/client.ts';
import { named, useLanguage } from '../language/language.tsx';
import { fill } from '../language/text.ts';
import { DayField } from '../parts/day-field.tsx';
import { FaultNote } from '../parts/fault-note.tsx';
import { focusContent } from '../parts/focus-content.ts';
import { tellDone } from '../shell/undo-bar.tsx';
import { type LineFault, LineFaults, type SentLine, lineFaults } from './line-faults.tsx';

const USAGE_CLASSES = ['business', 'residential', 'carrier', 'call-centre', 'telemarketing', 'phone-shop'] as const;
const MOST_LINES = 100;
const E164 = /^\+[1-9]\d{6,14}$/;

type UsageClass = NonNullable<NewLines['lines']>[number]['spans'][number]['usageClass'];

/** A line that records name and the ledger does not have, and of how many records. */
interface MissingLine {
  readonly line: string;
  readonly records: number;
}

export interface ProvisionFormProps {
  readonly reason: string;
  readonly records: QuarantinePage['records'];
  /** How many records there were of each reason before. */
  readonly before: QuarantinePage['counts'];
}

/** Enters the lines that are missing, all at once, and tries their records again. */
export function ProvisionForm({ reason, records, before }: ProvisionFormProps): ReactNode {
  const { t, f } = useLanguage();
  const queries = useQueryClient();
  const id = useId();
  const [accounts, setAccounts] = useState<Readonly<Record<string, string>>>({});
  const [offer, setOffer] = useState('');
  const [usage, setUsage] = useState<UsageClass>('business');
  const [typedFrom, setFrom] = useState<string | null>(null);
  const from = typedFrom ?? firstOfMonth(records);
  const customers = useQuery({
    queryKey: ['accounts'],
    queryFn: ({ signal }) => ask<AccountList>('/v1/accounts?limit=1000', { signal }),
  });
  const offers = useQuery({
    queryKey: ['offers'],
    queryFn: ({ signal }) => ask<OfferList>('/v1/offers', { signal }),
  });
  const inUse = (offers.data?.offers ?? []).filter(({ isInUse }) => isInUse);
  const chosenOffer = offer === '' ? (inUse[0]?.id ?? '') : offer;
  const wanted = namedLines(records).slice(0, MOST_LINES);
  const there = useQuery({
    queryKey: ['lines', wanted.map(({ line }) => line)],
    queryFn: ({ signal }) => ask<LineList>(linesPath(wanted.map(({ line }) => line)), { signal }),
    enabled: wanted.length > 0,
  });
  const known = new Set(there.data?.lines.map((line) => line.id));
  // What a line that is there had would be replaced.
  const missing = wanted.filter(({ line }) => !known.has(line));
  const twins = useTwins(missing.map(({ line }) => line));
  const filled = missing.filter(({ line }) => (accounts[line] ?? '').trim() !== '');
  const repairing = useMutation({
    mutationFn: async (sent: readonly SentLine[]) => {
      const lines = sent.map(({ id: line, account }) => ({
        id: line,
        account,
        spans: [{ from, offer: chosenOffer, usageClass: usage, ...(E164.test(line) ? { number: line } : {}) }],
      }));
      await askOnce<LinesStored>('/v1/lines', { lines, note: t.quarantine.provisionNote } satisfies NewLines);
      return askOnce<Replayed>('/v1/quarantine/replay', { reason });
    },
    onSuccess: ({ counts }, sent) => {
      const text = fill(t.quarantine.provisioned, {
        lines: f.count(sent.length),
        rated: f.count(countOf(counts, reason, 'rated') - countOf(before, reason, 'rated')),
        left: f.count(countOf(counts, reason, 'waiting')),
      });
      tellDone({ text, isFault: false, undo: null });
      focusContent();
      setAccounts({});
      void queries.invalidateQueries();
    },
  });
  if (wanted.length === 0) return <p className="hint">{t.quarantine.masked}</p>;
  if (there.error !== null) return <FaultNote error={there.error} retry={() => void there.refetch()} />;
  if (there.data === undefined) return null;
  const [beforeClosed, afterClosed] = t.quarantine.closedThen.split('{lines}');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (filled.length === 0) return;
    repairing.mutate(filled.map(({ line }) => ({ id: line, account: (accounts[line] ?? '').trim() })));
  };
  const faults = lineFaults(repairing.error, repairing.variables ?? []);
  /** Whether what stands in a field is what was refused. */
  const isRefused = (field: LineFault['field'], line?: string): boolean =>
    faults.some(
      (fault) =>
        fault.field === field &&
        (line === undefined || (fault.line.id === line && fault.line.account === (accounts[line] ?? '').trim())),
    );
  return (
    <form className="provision" onSubmit={submit}>
      {faults.length > 0 && <LineFaults faults={faults} />}
      {repairing.error !== null && faults.length === 0 && <FaultNote error={repairing.error} />}
      <div className="provision-all">
        <label htmlFor={`${id}-offer`}>{t.quarantine.offer}</label>
        <select
          id={`${id}-offer`}
          value={chosenOffer}
          aria-invalid={isRefused('offer')}
          onChange={(event) => setOffer(event.target.value)}
        >
          {inUse.map((each) => (
            <option key={each.id} value={each.id}>
              {each.id}
            </option>
          ))}
        </select>
        <label htmlFor={`${id}-usage`}>{t.quarantine.usage}</label>
        <select
          id={`${id}-usage`}
          value={usage}
          onChange={(event) => setUsage(USAGE_CLASSES.find((each) => each === event.target.value) ?? 'business')}
        >
          {USAGE_CLASSES.map((each) => (
            <option key={each} value={each}>
              {named(t.usageClass, each)}
            </option>
          ))}
        </select>
        <label htmlFor={`${id}-from`}>{t.quarantine.from}</label>
        <DayField id={`${id}-from`} isRequired isRefused={isRefused('from')} value={from} change={setFrom} />
      </div>
      <datalist id={`${id}-accounts`}>
        {(customers.data?.accounts ?? []).map((account) => (
          <option key={account.id} value={account.id}>
            {account.name}
          </option>
        ))}
      </datalist>
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">{t.quarantine.line}</th>
            <th scope="col" className="number">
              {t.quarantine.records}
            </th>
            <th scope="col">{t.quarantine.account}</th>
          </tr>
        </thead>
        <tbody>
          {missing.map(({ line, records: count }) => (
            <tr key={line}>
              <th scope="row">
                {line}
                {twins.has(line.toLowerCase()) && (
                  <span className="hint twin">
                    {' '}
                    {fill(t.quarantine.twin, { line: twins.get(line.toLowerCase()) ?? '' })}
                  </span>
                )}
              </th>
              <td className="number">{f.count(count)}</td>
              <td>
                <input
                  list={`${id}-accounts`}
                  aria-label={fill(t.quarantine.accountOf, { line })}
                  value={accounts[line] ?? ''}
                  aria-invalid={isRefused('account', line)}
                  onChange={(event) => setAccounts({ ...accounts, [line]: event.target.value })}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {known.size > 0 && (
        <p className="hint">
          {beforeClosed}
          {[...known].map((line, index) => (
            <Fragment key={line}>
              {index > 0 && ', '}
              <Link to="/lines/$line" params={{ line }}>
                {line}
              </Link>
            </Fragment>
          ))}
          {afterClosed}
        </p>
      )}
      <button type="submit" className="button primary" disabled={filled.length === 0 || repairing.isPending}>
        {repairing.isPending ? t.quarantine.replaying : f.plural(t.quarantine.provision, filled.length)}
      </button>
    </form>
  );
}

/** Lines that are named whole: of one whose number is masked nobody knows which it is. */
function namedLines(records: QuarantinePage['records']): MissingLine[] {
  const byLine = Map.groupBy(
    records.filter(({ line }) => line !== null && !line.includes('*')),
    ({ line }) => line ?? '',
  );
  return [...byLine].map(([line, own]) => ({ line, records: own.length })).toSorted((a, b) => b.records - a.records);
}

function linesPath(lines: readonly string[]): string {
  const search = new URLSearchParams(lines.map((line) => ['line', line]));
  return `/v1/lines?${search}&limit=${MOST_LINES}`;
}

/**
 * Lines that there are and that differ from these in the case of letters alone, by what both are in small letters: those
 * in capitals, in small letters, or with a capital first. A switch that writes them otherwise has made no new line.
 */
function useTwins(lines: readonly string[]): ReadonlyMap<string, string> {
  const forms = lines.flatMap((line) => {
    const small = line.toLowerCase();
    return [line.toUpperCase(), small, small.slice(0, 1).toUpperCase() + small.slice(1)].filter(
      (form) => form !== line,
    );
  });
  const asked = [...new Set(forms)].slice(0, MOST_LINES);
  const found = useQuery({
    queryKey: ['lines', asked],
    queryFn: ({ signal }) => ask<LineList>(linesPath(asked), { signal }),
    enabled: asked.length > 0,
  });
  return new Map(found.data?.lines.map(({ id }) => [id.toLowerCase(), id]));
}

/** Of the earliest call: a line is missing since then at least. */
function firstOfMonth(records: QuarantinePage['records']): string {
  const starts = records.flatMap(({ startedAt }) => startedAt ?? []);
  const [earliest = new Date().toISOString()] = starts.toSorted();
  return `${earliest.slice(0, 7)}-01`;
}

function countOf(counts: QuarantinePage['counts'], reason: string, state: string): number {
  return counts.find((count) => count.reason === reason && count.state === state)?.records ?? 0;
}
