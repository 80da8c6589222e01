import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { saveView } from '../api/views.ts';
import { faultText } from '../language/fault-text.ts';
import { useLanguage } from '../language/language.tsx';
import { useMay } from '../shell/me.ts';

const LONGEST_NAME = 60;

/** Gives the filter a name, for oneself or for the team. */
export function NewView({ filter, close }: { readonly filter: string; readonly close: () => void }): ReactNode {
  const language = useLanguage();
  const { t } = language;
  const queries = useQueryClient();
  const mayShare = useMay('cases:decide');
  const [name, setName] = useState('');
  const [isShared, setIsShared] = useState(false);
  const box = useRef<HTMLInputElement | null>(null);
  const id = useId();
  // The button that was pressed is gone: one goes on typing.
  useEffect(() => box.current?.focus(), []);
  const saving = useMutation({
    mutationFn: () => saveView(queries, { name: name.trim(), filter, isShared }),
    onSuccess: close,
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (name.trim() === '') close();
    else saving.mutate();
  };
  return (
    <form className="view-form" onSubmit={submit}>
      <input
        ref={box}
        aria-label={t.views.name}
        aria-invalid={saving.error !== null}
        aria-describedby={saving.error === null ? undefined : id}
        placeholder={t.views.name}
        maxLength={LONGEST_NAME}
        value={name}
        onChange={(event) => setName(event.target.value)}
        onKeyDown={(event) => (event.key === 'Escape' ? close() : undefined)}
      />
      {mayShare && (
        <label className="view-share">
          <input type="checkbox" checked={isShared} onChange={(event) => setIsShared(event.target.checked)} />
          {t.views.forAll}
        </label>
      )}
      <button type="submit" className="button small" disabled={saving.isPending}>
        {t.views.keep}
      </button>
      <p id={id} className="field-fault" role="alert">
        {saving.error === null ? '' : faultText(saving.error, language)}
      </p>
    </form>
  );
}
