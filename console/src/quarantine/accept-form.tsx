import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useId, useState } from 'react';
import type { AcceptedStarts, QuarantinePage } from '../../../api/index.ts';
import { askOnce } from '../api/client.ts';
import { useLanguage } from '../language/language.tsx';
import { fill } from '../language/text.ts';
import { FaultNote } from '../parts/fault-note.tsx';
import { focusContent } from '../parts/focus-content.ts';
import { tellDone } from '../shell/undo-bar.tsx';

/** Says that the starts of the records that are shown are right, and why: they are rated then. */
export function AcceptForm({ records }: { readonly records: QuarantinePage['records'] }): ReactNode {
  const { t, f } = useLanguage();
  const queries = useQueryClient();
  const id = useId();
  const [note, setNote] = useState('');
  const accepting = useMutation({
    mutationFn: () =>
      askOnce<AcceptedStarts>('/v1/quarantine/accept', { records: records.map(({ no }) => no), note: note.trim() }),
    onSuccess: ({ accepted, rated }) => {
      const text = fill(t.quarantine.accepted, { accepted: f.count(accepted), rated: f.count(rated) });
      tellDone({ text, isFault: false, undo: null });
      focusContent();
      void queries.invalidateQueries();
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    accepting.mutate();
  };
  return (
    <form className="provision-all" onSubmit={submit}>
      {accepting.error !== null && <FaultNote error={accepting.error} />}
      <label htmlFor={id}>{t.quarantine.why}</label>
      <input id={id} className="wide-input" required value={note} onChange={(event) => setNote(event.target.value)} />
      <button type="submit" className="button" disabled={accepting.isPending || records.length === 0}>
        {accepting.isPending ? t.quarantine.replaying : f.plural(t.quarantine.accept, records.length)}
      </button>
    </form>
  );
}
