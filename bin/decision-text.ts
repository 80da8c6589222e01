import type { DecideOutcome, DecisionEffect } from '../services/index.ts';
import { compileCivilTime } from '../tariffs/index.ts';
import { PROGRAM } from './program-name.ts';
import { plural, showCount, showInstant, showMoney, showPeriod } from './show-values.ts';
import { textTable } from './text-table.ts';

type Unchanged = Extract<DecideOutcome, { readonly kind: 'unchanged' }>;
type Decided = Extract<DecideOutcome, { readonly kind: 'decided' }>;

/** Why a reinstatement changes nothing today. @param option finds the ledger again, with a blank before */
export function futileText(unchanged: Unchanged, option: string): string[] {
  const kept = 'The decision is kept: what comes to light later is judged by it';
  return [...whyFutile(unchanged, option), ...(unchanged.isKept ? [kept] : [])];
}

function whyFutile({ on, futile, timeZone }: Unchanged, option: string): string[] {
  const civilTime = compileCivilTime(timeZone);
  const { period, condition } = on;
  const at = showInstant(on.effectiveAt, civilTime);
  switch (futile.why) {
    case 'held-by-others':
      return [`Nothing changed: ${heldBy(futile.heldBy)}`, ...futile.heldBy.map((held) => toLift(on, held, option))];
    case 'not-in-force':
      return [
        `Nothing changed: the breach of '${condition}' in ${showPeriod(period)} is not in force and holds no call`,
      ];
    case 'begins-later': {
      const from = showInstant(futile.from, civilTime);
      return [
        `Nothing changed: it is in force from ${from} on, and ${at} is before that ('dismiss' takes all of it back)`,
      ];
    }
    case 'has-ended': {
      const to = showInstant(futile.to, civilTime);
      return [`Nothing changed: from ${at} on it holds no call; it is in force until ${to}`];
    }
    default:
      return futile satisfies never;
  }
}

/** What was decided, and what still holds; of a dry run, what would change. */
export function decidedText(decided: Decided, by: string | undefined, option: string): string[] {
  const { on, isKept, effect, stillHeldBy, timeZone } = decided;
  const civilTime = compileCivilTime(timeZone);
  const from = on.lifts ? `, from ${showInstant(on.effectiveAt, civilTime)} on` : '';
  const what = `${on.decision} '${on.condition}' for line ${on.line} in ${showPeriod(on.period)}${from}`;
  const held =
    stillHeldBy.length === 0
      ? []
      : [
          `Calls after that are still metered: ${heldBy(stillHeldBy)}`,
          ...stillHeldBy.map((period) => toLift(on, period, option)),
        ];
  if (isKept) return [`Decided: ${what}, by ${by ?? ''}`, ...held];
  return [`Not decided (--dry-run): ${what}`, ...effectText(effect), ...held];
}

function heldBy(periods: readonly number[]): string {
  return `${periods.map(showPeriod).join(', ')} ${periods.length === 1 ? 'holds' : 'hold'} it`;
}

function toLift({ line, condition }: Decided['on'], period: number, option: string): string {
  return `  ${PROGRAM} decide ${line} ${showPeriod(period)} ${condition} reinstate --by NAME --note TEXT${option}`;
}

/** What a decision changes, in calls and money by destination. */
export function effectText({ calls, charge, changes }: DecisionEffect): string[] {
  if (calls === 0) return ['It would change no call'];
  return [
    `It would change ${plural(calls, 'call')}, and charge ${signedMoney(charge)}`,
    ...textTable(
      [
        { heading: 'month', align: 'left' },
        { heading: 'destination', align: 'left', maxWidth: 36 },
        { heading: 'from', align: 'left' },
        { heading: 'to', align: 'left' },
        { heading: 'calls', align: 'right' },
        { heading: 'minutes', align: 'right' },
        { heading: 'charge', align: 'right' },
      ],
      changes.map((change) => [
        showPeriod(change.period),
        change.destination,
        change.before,
        change.after,
        showCount(change.calls),
        showCount(Math.round(change.billedSeconds / 60)),
        signedMoney(change.charge),
      ]),
    ),
  ];
}

function signedMoney(amount: number): string {
  return amount < 0 ? `-${showMoney(-amount)}` : `+${showMoney(amount)}`;
}
