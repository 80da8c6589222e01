import type { ReactNode } from 'react';
import type { ShownCase } from '../api/cases.ts';
import { named, useLanguage } from '../language/language.tsx';
import { fill } from '../language/text.ts';

interface Event {
  /** ISO 8601; `null`: before instants were kept. */
  readonly at: string | null;
  readonly text: string;
  readonly by: string;
  readonly note: string;
  /** Why, where nobody said so. */
  readonly reason?: string;
  readonly money: string;
}

/** What was found, decided and charged on the case, the latest first. */
export function HistoryPanel({ shown }: { readonly shown: ShownCase }): ReactNode {
  const { t, f } = useLanguage();
  const { summary, history, currency, timeZone } = shown;
  const untilText = (until: string | null): string => (until === null ? '' : f.dayOf(until, timeZone));
  const condition = (code: string): string => named(t.condition, code);
  const decisions = summary.breaches.flatMap((breach) =>
    breach.decisions.map((decision): Event => ({
      at: decision.decidedAt,
      text: `${named(t.decision, decision.kind)} · ${condition(breach.condition)}`,
      by: decision.by,
      note: decision.note,
      money: '',
    })),
  );
  const acts = history.acts.map((each): Event => ({
    at: each.at,
    text: fill(t.act.history[each.kind], {
      value: each.kind === 'snooze' ? untilText(each.until ?? null) : (each.assignee ?? t.common.none),
    }),
    by: each.by,
    note: each.note,
    money: '',
  }));
  const corrections = history.corrections.map((each): Event => ({
    at: each.postedAt,
    text: fill(f.plural(t.case.correction, each.calls), {
      before: named(t.coverage, each.before ?? 'none'),
      after: named(t.coverage, each.after ?? 'none'),
    }),
    by: '',
    note: '',
    reason: named({ ...t.call.reasons, ...t.condition }, each.reason),
    money: f.signedMoney(each.charge, currency),
  }));
  const events = [...decisions, ...acts, ...corrections].toSorted((a, b) => (b.at ?? '').localeCompare(a.at ?? ''));
  return (
    <section className="panel history" aria-labelledby="history-title">
      <h2 id="history-title">{t.case.history}</h2>
      {events.length === 0 && <p className="hint">{t.case.historyEmpty}</p>}
      <ol>
        {events.map(({ at, text, by, note, reason = '', money }) => (
          <li key={`${at} ${text} ${note} ${reason} ${money}`}>
            <time dateTime={at ?? undefined}>{at === null ? '' : f.instant(at, timeZone)}</time>
            <span>
              {text}
              {by !== '' && ` · ${by}`}
              {reason !== '' && ` · ${reason}`}
              {note !== '' && <q>{note}</q>}
            </span>
            <span className="number">{money}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
