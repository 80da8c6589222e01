import { type FormEvent, type ReactNode, useId, useState } from 'react';
import type { Numbering } from '../../../api/index.ts';
import { useLanguage } from '../language/language.tsx';
import { fill } from '../language/text.ts';
import { FaultNote } from '../parts/fault-note.tsx';
import { useMay, useZone } from '../shell/me.ts';
import { type Repair, useNumbering, useRepair } from './use-repair.ts';

type Kept = Numbering['repairs'][number];

/** What people said of numbers that the plan refuses, with who and why; each can be taken back. */
export function RepairsPanel(): ReactNode {
  const { t, f } = useLanguage();
  const timeZone = useZone();
  const mayWrite = useMay('quarantine:write');
  const asked = useNumbering();
  const [taken, setTaken] = useState<Kept | null>(null);
  const repairs = asked.data?.repairs ?? [];
  if (repairs.length === 0) return null;
  return (
    <section className="panel" aria-labelledby="repairs-title">
      <h2 id="repairs-title">{t.repair.inForce}</h2>
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">{t.repair.what}</th>
            <th scope="col">{t.team.who}</th>
            <th scope="col">{t.team.why}</th>
            <th scope="col">
              <span className="unseen">{t.repair.takeBack}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {repairs.map((each) => (
            <tr key={each.no}>
              <th scope="row">{wordsOf(each.repair, t.repair)}</th>
              <td>
                {each.takenBy} <span className="hint">{f.instant(each.takenAt, timeZone)}</span>
              </td>
              <td>
                <q>{each.note}</q>
              </td>
              <td>
                {mayWrite && (
                  <button type="button" className="quiet" onClick={() => setTaken(each)}>
                    {t.repair.takeBack}
                  </button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {taken !== null && <TakeBack kept={taken} close={() => setTaken(null)} />}
    </section>
  );
}

function TakeBack({ kept, close }: { readonly kept: Kept; readonly close: () => void }): ReactNode {
  const { t } = useLanguage();
  const id = useId();
  const [note, setNote] = useState('');
  const repairing = useRepair();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    repairing.mutate({ repair: withoutEnd(kept.repair), note: note.trim() }, { onSuccess: close });
  };
  return (
    <form className="provision-all" onSubmit={submit}>
      {repairing.error !== null && <FaultNote error={repairing.error} />}
      <label htmlFor={id}>{fill(t.repair.whyTakeBack, { what: wordsOf(kept.repair, t.repair) })}</label>
      {/* It was asked for just now. */}
      {/* oxlint-disable-next-line jsx-a11y/no-autofocus */}
      <input id={id} required autoFocus value={note} onChange={(event) => setNote(event.target.value)} />
      <button type="submit" className="button" disabled={repairing.isPending}>
        {repairing.isPending ? t.quarantine.replaying : t.repair.takeBack}
      </button>
      <button type="button" className="quiet" onClick={close}>
        {t.common.cancel}
      </button>
    </form>
  );
}

/** The same that leads nowhere any more. */
function withoutEnd(repair: Kept['repair']): Repair {
  return repair.kind === 'prefix' ? { ...repair, destination: null } : { ...repair, replacement: null };
}

interface Words {
  readonly prefixIs: string;
  readonly ruleIs: string;
  readonly nothing: string;
  readonly quoted: string;
  readonly anySwitch: string;
}

function wordsOf(repair: Kept['repair'], words: Words): string {
  if (repair.kind === 'prefix') {
    const { prefix, length, destination } = repair;
    return fill(words.prefixIs, { prefix, length: String(length), destination: destination ?? '' });
  }
  return fill(words.ruleIs, {
    switch: repair.switch ?? words.anySwitch,
    prefix: repair.prefix === '' ? words.nothing : fill(words.quoted, { text: repair.prefix }),
    replacement:
      repair.replacement === '' || repair.replacement === null
        ? words.nothing
        : fill(words.quoted, { text: repair.replacement }),
  });
}
