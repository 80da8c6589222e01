import { type FormEvent, type ReactNode, useDeferredValue, useId, useState } from 'react';
import type { NumbersRepaired, QuarantinePage } from '../../../api/index.ts';
import { useLanguage } from '../language/language.tsx';
import { fill } from '../language/text.ts';
import { FaultNote } from '../parts/fault-note.tsx';
import { guessedRule, numberGroups } from './number-guesses.ts';
import { type Repair, useNumbering, useRepair, useTriedRepair } from './use-repair.ts';

export interface RepairFormProps {
  readonly records: QuarantinePage['records'];
}

const SUGGESTED = 6;

/** Mends numbers that wait: by a range that is missing, or by what a switch writes first, whichever seems the case. */
export function NumberForm({ records, isRule: isLikely }: RepairFormProps & { readonly isRule: boolean }): ReactNode {
  const { t } = useLanguage();
  const [chosen, setChosen] = useState<boolean | null>(null);
  const isRule = chosen ?? isLikely;
  return (
    <>
      {isRule ? <DialRuleForm records={records} /> : <PrefixForm records={records} />}
      <button type="button" className="quiet" onClick={() => setChosen(!isRule)}>
        {isRule ? t.repair.orPrefix : t.repair.orRule}
      </button>
    </>
  );
}

/** Adds a range that the numbering plan does not have, and has what waits for it rated. */
function PrefixForm({ records }: RepairFormProps): ReactNode {
  const { t, f } = useLanguage();
  const id = useId();
  const groups = numberGroups(records.flatMap(({ dialled }) => dialled ?? [])).slice(0, SUGGESTED);
  const [first] = groups;
  const [typed, setTyped] = useState<{ readonly prefix: string; readonly length: string } | null>(null);
  const [destination, setDestination] = useState('');
  const numbering = useNumbering();
  const { prefix, length } = typed ?? { prefix: first?.prefix ?? '', length: String(first?.length ?? '') };
  const isThere = numbering.data?.destinations.some(({ name }) => name === destination) === true;
  const repair: Repair | null =
    isThere && /^\d{2,15}$/.test(prefix) && /^\d{1,2}$/.test(length)
      ? { kind: 'prefix', prefix, length: Number(length), destination }
      : null;
  return (
    <SayIt repair={repair} go={t.repair.addPrefix}>
      {groups.length > 0 && (
        <div className="reasons" role="group" aria-label={t.repair.groups}>
          {groups.map((group) => (
            <button
              key={`${group.prefix} ${group.length}`}
              type="button"
              className="reason"
              aria-pressed={group.prefix === prefix && String(group.length) === length}
              onClick={() => setTyped({ prefix: group.prefix, length: String(group.length) })}
            >
              {fill(f.plural(t.repair.group, group.records), { prefix: group.prefix, length: f.count(group.length) })}
            </button>
          ))}
        </div>
      )}
      <div className="provision-all">
        <label htmlFor={`${id}-prefix`}>{t.repair.prefix}</label>
        <input
          id={`${id}-prefix`}
          className="narrow-input"
          inputMode="numeric"
          value={prefix}
          aria-describedby={`${id}-hint`}
          onChange={(event) => setTyped({ prefix: event.target.value.trim(), length })}
        />
        <label htmlFor={`${id}-length`}>{t.repair.length}</label>
        <input
          id={`${id}-length`}
          className="narrow-input"
          inputMode="numeric"
          value={length}
          onChange={(event) => setTyped({ prefix, length: event.target.value.trim() })}
        />
        <label htmlFor={`${id}-to`}>{t.repair.destination}</label>
        <input
          id={`${id}-to`}
          list={`${id}-destinations`}
          value={destination}
          onChange={(event) => setDestination(event.target.value)}
        />
        <datalist id={`${id}-destinations`}>
          {numbering.data?.destinations.map(({ name }) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </datalist>
      </div>
      <p id={`${id}-hint`} className="hint">
        {destination !== '' && numbering.data !== undefined && !isThere ? t.repair.noDestination : t.repair.prefixHint}
      </p>
    </SayIt>
  );
}

/** Says what a switch writes before its numbers, and has what waits for it rated. */
function DialRuleForm({ records }: RepairFormProps): ReactNode {
  const { t } = useLanguage();
  const id = useId();
  const switches = [...new Set(records.flatMap(({ switch: name }) => name ?? []))].toSorted();
  const guess = guessedRule(records.flatMap(({ dialled }) => dialled ?? []));
  const [chosen, setChosen] = useState<string | null>(null);
  const [typed, setTyped] = useState<typeof guess | null>(null);
  const { prefix, replacement } = typed ?? guess;
  const switchId = chosen ?? switches[0] ?? '';
  const isUsable = /^[\d*#+]{0,15}$/.test(prefix) && /^[\d*#+]{0,15}$/.test(replacement) && prefix !== replacement;
  const repair: Repair | null = isUsable
    ? { kind: 'dialled', switch: switchId === '' ? null : switchId, prefix, replacement }
    : null;
  return (
    <SayIt repair={repair} go={t.repair.addRule}>
      <div className="provision-all">
        <label htmlFor={`${id}-switch`}>{t.repair.switch}</label>
        <select id={`${id}-switch`} value={switchId} onChange={(event) => setChosen(event.target.value)}>
          {switches.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
          <option value="">{t.repair.anySwitch}</option>
        </select>
        <label htmlFor={`${id}-begins`}>{t.repair.begins}</label>
        <input
          id={`${id}-begins`}
          className="narrow-input"
          value={prefix}
          aria-describedby={`${id}-hint`}
          onChange={(event) => setTyped({ prefix: event.target.value.trim(), replacement })}
        />
        <label htmlFor={`${id}-as`}>{t.repair.as}</label>
        <input
          id={`${id}-as`}
          className="narrow-input"
          value={replacement}
          onChange={(event) => setTyped({ prefix, replacement: event.target.value.trim() })}
        />
      </div>
      <p id={`${id}-hint`} className="hint">
        {t.repair.ruleHint}
      </p>
    </SayIt>
  );
}

interface SayItProps {
  /** `null`: it is not said whole yet. */
  readonly repair: Repair | null;
  readonly go: string;
  readonly children: ReactNode;
}

/** What would come of a repair, why it is right, and the button that keeps it. */
function SayIt({ repair, go, children }: SayItProps): ReactNode {
  const { t } = useLanguage();
  const id = useId();
  const [note, setNote] = useState('');
  const repairing = useRepair();
  const settled = useDeferredValue(repair);
  const tried = useTriedRepair(settled);
  // What would read no record mends nothing, and what was not tried yet may be such.
  const isOfUse = repair !== null && sameRepair(repair, settled) && (tried.data?.read ?? 0) > 0;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (repair !== null && isOfUse) repairing.mutate({ repair, note: note.trim() }, { onSuccess: () => setNote('') });
  };
  const fault = repairing.error ?? tried.error;
  return (
    <form className="provision" onSubmit={submit}>
      {fault !== null && <FaultNote error={fault} />}
      {children}
      <div role="status">{tried.data !== undefined && repair !== null && <Effect tried={tried.data} />}</div>
      <div className="provision-all">
        <label htmlFor={id}>{t.repair.why}</label>
        <input id={id} className="wide-input" required value={note} onChange={(event) => setNote(event.target.value)} />
        <button type="submit" className="button primary" disabled={!isOfUse || repairing.isPending}>
          {repairing.isPending ? t.quarantine.replaying : go}
        </button>
      </div>
    </form>
  );
}

function sameRepair(a: Repair, b: Repair | null): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function Effect({ tried }: { readonly tried: NumbersRepaired }): ReactNode {
  const { read = 0, waiting = 0, examples = [], otherwise } = tried;
  const { t, f } = useLanguage();
  return (
    <>
      <p>{fill(f.plural(t.repair.effect, read), { waiting: f.count(waiting) })}</p>
      {examples.length > 0 && (
        <ul className="examples">
          {examples.map(({ dialled, called, destination }) => (
            <li key={dialled}>
              <code>{dialled}</code> → <code>{called}</code> {destination}
            </li>
          ))}
        </ul>
      )}
      {otherwise !== undefined && otherwise.calls > 0 && <Otherwise otherwise={otherwise} />}
    </>
  );
}

/** What is rated already and no rule mends: the switch writes the same before these numbers, and the plan read them. */
function Otherwise({ otherwise }: { readonly otherwise: NonNullable<NumbersRepaired['otherwise']> }): ReactNode {
  const { t, f } = useLanguage();
  const { looked, calls, examples } = otherwise;
  return (
    <div className="warning">
      <p>{fill(f.plural(t.repair.otherwise, calls), { looked: f.count(looked) })}</p>
      <ul className="examples">
        {examples.map(({ dialled, ...said }) => (
          <li key={dialled}>
            <code>{dialled}</code> {fill(t.repair.otherwiseOne, said)}
          </li>
        ))}
      </ul>
    </div>
  );
}
