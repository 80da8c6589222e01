import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ChangeEvent, type ReactNode, useEffect, useId, useState } from 'react';
import type { DeckComparison, DeckList, ImportedDeck } from '../../../api/index.ts';
import { ask, askOnce } from '../api/client.ts';
import { ScrollBox } from '../parts/scroll-box.tsx';
import { useLanguage } from '../language/language.tsx';
import { fill } from '../language/text.ts';
import { DayField } from '../parts/day-field.tsx';
import { FaultNote } from '../parts/fault-note.tsx';
import { useMay } from '../shell/me.ts';
import { tellDone } from '../shell/undo-bar.tsx';
import { ChangesPicture } from './changes-picture.tsx';

/** The decks: which prices calls, when; and the import of another, with what it changes before it is done. */
export function DecksPage(): ReactNode {
  const { t } = useLanguage();
  const mayWrite = useMay('decks:write');
  const asked = useQuery({ queryKey: ['decks'], queryFn: ({ signal }) => ask<DeckList>('/v1/decks', { signal }) });
  useEffect(() => {
    document.title = `${t.decks.title} · ${t.appTitle}`;
  }, [t]);
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t.decks.title}</h1>
      </header>
      {asked.error !== null && <FaultNote error={asked.error} retry={() => void asked.refetch()} />}
      {asked.data !== undefined && <Schedule list={asked.data} />}
      {asked.data !== undefined && mayWrite && <ImportPanel list={asked.data} />}
    </div>
  );
}

function Schedule({ list }: { readonly list: DeckList }): ReactNode {
  const { t, f } = useLanguage();
  const names = new Map(list.decks.map(({ no, name, version }) => [no, { name, version }]));
  return (
    <section className="panel">
      <h2>{t.decks.schedule}</h2>
      <ScrollBox label={t.decks.schedule}>
        <table className="plain">
          <thead>
            <tr>
              <th scope="col">{t.decks.deck}</th>
              <th scope="col">{t.decks.basis}</th>
              <th scope="col">{t.decks.from}</th>
              <th scope="col">{t.decks.to}</th>
              <th scope="col">{t.decks.by}</th>
            </tr>
          </thead>
          <tbody>
            {list.schedule.map(({ basis, deckNo, from, to, takenBy, takenAt }) => (
              <tr key={`${basis} ${deckNo} ${from}`}>
                <th scope="row">
                  {names.get(deckNo)?.name} <code className="id">{names.get(deckNo)?.version}</code>
                </th>
                <td>{basis === 'call-start' ? t.decks.callStart : t.decks.billingDay}</td>
                <td>{from === null ? t.decks.ever : f.instant(from, list.timeZone)}</td>
                <td>{to === null ? t.decks.never : f.instant(to, list.timeZone)}</td>
                <td>
                  {takenBy} <span className="hint">{f.instant(takenAt, list.timeZone)}</span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollBox>
    </section>
  );
}

interface ChosenFile {
  readonly name: string;
  readonly text: string;
}

function ImportPanel({ list }: { readonly list: DeckList }): ReactNode {
  const { t, f } = useLanguage();
  const queries = useQueryClient();
  const id = useId();
  const [file, setFile] = useState<ChosenFile | null>(null);
  const [from, setFrom] = useState('');
  const inForce = list.decks.findLast(({ isInUse }) => isInUse);
  const compared = useQuery({
    queryKey: ['compare', inForce?.name, file?.name, file?.text],
    queryFn: () =>
      ask<DeckComparison>('/v1/decks/compare', {
        method: 'POST',
        body: { before: { deck: inForce?.name }, after: { text: file?.text } },
      }),
    enabled: file !== null && inForce !== undefined,
    gcTime: 0,
  });
  const importing = useMutation({
    mutationFn: () =>
      askOnce<ImportedDeck>('/v1/decks', { name: file?.name, text: file?.text, ...(from === '' ? {} : { from }) }),
    onSuccess: ({ name, rates, staleLines }) => {
      const text = fill(t.decks.imported, { name, rates: f.count(rates), lines: f.count(staleLines) });
      tellDone({ text, isFault: false, undo: null });
      setFile(null);
      void queries.invalidateQueries();
    },
  });
  const choose = async (event: ChangeEvent<HTMLInputElement>): Promise<void> => {
    const chosen = event.target.files?.[0];
    setFile(chosen === undefined ? null : { name: chosen.name, text: await chosen.text() });
  };
  const fault = compared.error ?? importing.error;
  return (
    <section className="panel">
      <h2>{t.decks.import}</h2>
      <div className="field">
        <label htmlFor={id}>{t.decks.file}</label>
        <input id={id} type="file" accept=".csv,.json,.txt" onChange={(event) => void choose(event)} />
        <p className="hint">{t.decks.fileHint}</p>
      </div>
      {fault !== null && <FaultNote error={fault} />}
      {compared.data !== undefined && (
        <>
          <ChangesPicture comparison={compared.data} />
          <form
            className="import-form"
            onSubmit={(event) => {
              event.preventDefault();
              importing.mutate();
            }}
          >
            <label htmlFor={`${id}-from`}>{t.decks.startDay}</label>
            <DayField id={`${id}-from`} value={from} change={setFrom} />
            <button type="submit" className="button primary" disabled={importing.isPending}>
              {importing.isPending ? t.decks.going : t.decks.go}
            </button>
          </form>
        </>
      )}
    </section>
  );
}
