import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useId, useState } from 'react';
import type { QuarantinePage, ReopenedRecords, WrittenOffRecords } from '../../../api/index.ts';
import { askOnce } from '../api/client.ts';
import { faultText } from '../language/fault-text.ts';
import { useLanguage } from '../language/language.tsx';
import { fill } from '../language/text.ts';
import { FaultNote } from '../parts/fault-note.tsx';
import { focusContent } from '../parts/focus-content.ts';
import { tellDone } from '../shell/undo-bar.tsx';

export interface WriteOffFormProps {
  readonly records: QuarantinePage['records'];
  /** Those that were chosen; where none is, all that are shown are meant. */
  readonly chosen: ReadonlySet<number>;
  /** Whether they are written off, and are to wait again. */
  readonly isWrittenOff: boolean;
}

/** The most that one request takes. */
const MOST_RECORDS = 1_000;

/** Writes off records that nothing mends, or has them wait again, with a reason. */
export function WriteOffForm({ records, chosen, isWrittenOff }: WriteOffFormProps): ReactNode {
  const { t, f } = useLanguage();
  const words = t.quarantine.writeOff;
  const id = useId();
  const [note, setNote] = useState('');
  const picked = records.filter(({ no }) => chosen.has(no));
  const nos = (picked.length === 0 ? records : picked).slice(0, MOST_RECORDS).map(({ no }) => no);
  const [all, some] = isWrittenOff ? [words.reopenAll, words.reopenChosen] : [words.all, words.chosen];
  const acting = useWriteOff(isWrittenOff);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    // The reason was given for these, and for no others.
    acting.mutate({ records: nos, note: note.trim() }, { onSuccess: () => setNote('') });
  };
  return (
    <form className="provision-all" onSubmit={submit}>
      {acting.error !== null && <FaultNote error={acting.error} />}
      <label htmlFor={id}>{isWrittenOff ? words.whyReopen : words.why}</label>
      <input id={id} className="wide-input" required value={note} onChange={(event) => setNote(event.target.value)} />
      <button type="submit" className="button" disabled={acting.isPending || nos.length === 0}>
        {acting.isPending ? t.quarantine.replaying : f.plural(picked.length === 0 ? all : some, nos.length)}
      </button>
    </form>
  );
}

interface Acted {
  readonly records: readonly number[];
  readonly note: string;
}

/** Does it, says what came of it, and offers to undo what was written off. */
function useWriteOff(isWrittenOff: boolean) {
  const language = useLanguage();
  const { t, f } = language;
  const queries = useQueryClient();
  const words = t.quarantine.writeOff;
  const reopen = async (body: Acted): Promise<string> => {
    const { reopened, rated } = await askOnce<ReopenedRecords>('/v1/quarantine/reopen', body);
    return fill(words.reopened, { count: f.count(reopened), rated: f.count(rated) });
  };
  const undoing = useMutation({
    mutationFn: reopen,
    onSuccess: (text) => tellDone({ text, isFault: false, undo: null }),
    onError: (error) => tellDone({ text: faultText(error, language), isFault: true, undo: null }),
    onSettled: () => void queries.invalidateQueries(),
  });
  return useMutation({
    mutationFn: async (body: Acted) => {
      if (isWrittenOff) return reopen(body);
      const { writtenOff } = await askOnce<WrittenOffRecords>('/v1/quarantine/write-off', body);
      return f.plural(words.done, writtenOff);
    },
    onSuccess: (text, body) => {
      const takeBack = (): void => undoing.mutate({ ...body, note: words.undone });
      tellDone({ text, isFault: false, undo: isWrittenOff ? null : takeBack });
      focusContent();
      void queries.invalidateQueries();
    },
  });
}
