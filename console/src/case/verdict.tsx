import { Fragment, type ReactNode } from 'react';
import type { ShownCase } from '../api/cases.ts';
import { phoneText } from '../language/format.ts';
import { type Language, named, useLanguage } from '../language/language.tsx';
import { isZero } from '../language/money.ts';
import { fill, fillNodes, visibleText } from '../language/text.ts';
import { StateChip } from '../parts/state-chip.tsx';
import { CallsLink } from './calls-link.tsx';
import { type Measure, type Ref, readEvidence } from './evidence.ts';

type Breach = ShownCase['summary']['breaches'][number];

/** The case in sentences: what was found, condition by condition, and what it comes to. Figures lead to their calls. */
export function Verdict({ shown }: { readonly shown: ShownCase }): ReactNode {
  const { t, f } = useLanguage();
  const { summary, currency } = shown;
  const { verdict } = t;
  const calls = (count: number): string => f.plural(verdict.calls, count);
  return (
    <div className="verdict">
      <ul>
        {summary.breaches.map((breach) => (
          <li key={breach.condition}>
            <span className="verdict-head">
              <strong>{named(t.condition, breach.condition)}</strong> <StateChip state={breach.status} />
            </span>
            <p>{breach.isFound ? <BreachSentence breach={breach} shown={shown} /> : verdict.unfound}</p>
          </li>
        ))}
      </ul>
      <p className="verdict-money">
        {summary.atStakeCalls > 0
          ? fillNodes(verdict.stake, {
              calls: <CallsLink calls="coverage:included">{calls(summary.atStakeCalls)}</CallsLink>,
              money: <strong className="at-stake">{f.money(summary.atStake, currency)}</strong>,
            })
          : verdict.nothingAtStake}{' '}
        {summary.meteredCalls > 0 &&
          fillNodes(verdict.metered, {
            calls: <CallsLink calls="coverage:metered">{calls(summary.meteredCalls)}</CallsLink>,
            money: <strong className="charged">{f.money(summary.meteredCharge, currency)}</strong>,
          })}
        {summary.heldByEarlierMonths.map((held) => (
          <span key={`${held.condition} ${held.period}`}>
            {' '}
            {fill(verdict.heldBefore, {
              condition: named(t.condition, held.condition),
              month: f.month(held.period),
              calls: calls(held.meteredCalls),
              money: f.money(held.meteredCharge, currency),
            })}
          </span>
        ))}
      </p>
    </div>
  );
}

function BreachSentence({ breach, shown }: { readonly breach: Breach; readonly shown: ShownCase }): ReactNode {
  const language = useLanguage();
  const { t, f } = language;
  const { verdict } = t;
  const evidence = readEvidence(breach.condition, breach.evidence);
  const at = ({ startedAt }: Ref): ReactNode => (
    <CallsLink calls={`day:${civilDay(startedAt, shown.timeZone)}`}>
      {fill(verdict.on, { day: f.dayOf(startedAt, shown.timeZone), time: f.timeOf(startedAt, shown.timeZone) })}
    </CallsLink>
  );
  switch (evidence.kind) {
    case 'crossing':
      return fillNodes(verdict.distinctNumbers, {
        numbers: <a href="#numbers">{fill(verdict.numbers, { count: f.count(shown.summary.distinctNumbers) })}</a>,
        limit: f.count(evidence.limit),
        month: f.month(shown.period),
        nth: f.count(evidence.nth),
        number: <CallsLink calls={`number:${evidence.called}`}>{phoneText(evidence.called)}</CallsLink>,
        at: at(evidence.at),
      });
    case 'measures': {
      const broken = evidence.measures.filter(({ value, max }) => value > max);
      return fillNodes(verdict.conversational, {
        measures: broken.map((measure, nth) => (
          <Fragment key={measure.id}>
            {nth > 0 && t.common.semicolon}
            <MeasureLink id={measure.id}>{measureText(measure, language)}</MeasureLink>
          </Fragment>
        )),
      });
    }
    case 'equipment':
      return evidence.why === 'provisioning'
        ? fillNodes(verdict.equipmentTold, { at: at(evidence.at) })
        : fillNodes(verdict.equipmentAgent, { agent: <code>{visibleText(evidence.agent)}</code>, at: at(evidence.at) });
    case 'mobility': {
      const values = {
        agent: <code>{visibleText(evidence.agent)}</code>,
        ip: <code>{evidence.ip}</code>,
        at: at(evidence.at),
      };
      if (evidence.why === 'provisioning') return fillNodes(verdict.mobilityTold, values);
      return fillNodes(evidence.why === 'switch' ? verdict.mobilitySwitch : verdict.mobilityForeign, values);
    }
    case 'usage-class':
      return fillNodes(verdict.usageClass, { usage: named(t.usageClass, evidence.usage), at: at(evidence.at) });
    case 'minutes':
      return fillNodes(verdict.monthlyMinutes, {
        limit: f.count(evidence.limit),
        minutes: f.duration(evidence.seconds),
        at: at(evidence.at),
      });
    case 'unknown':
      return breach.words;
    default:
      return evidence satisfies never;
  }
}

/** Leads from a measure of behaviour to what shows it. */
function MeasureLink({ id, children }: { readonly id: string; readonly children: string }): ReactNode {
  switch (id) {
    case 'short-calls':
      return <CallsLink calls="shortest:">{children}</CallsLink>;
    case 'concurrent-calls':
      return <CallsLink calls="at-once:">{children}</CallsLink>;
    case 'all-hours':
      return <a href="#hours">{children}</a>;
    default:
      return <a href="#numbers">{children}</a>;
  }
}

function measureText({ id, value, max }: Measure, { t, f }: Language): string {
  const { verdict } = t;
  const texts: Readonly<Record<string, string>> = {
    'short-calls': verdict.shortCalls,
    'concurrent-calls': verdict.concurrentCalls,
    'sequential-numbers': verdict.sequentialNumbers,
    'all-hours': verdict.allHours,
    'number-range': verdict.numberRange,
  };
  // Shares are told in thousandths.
  const scale = id === 'short-calls' ? 10 : 1;
  return fill(texts[id] ?? `${id} {value} ({max})`, { value: f.count(value / scale), max: f.count(max / scale) });
}

/** The civil day of an instant as `2026-11-03`. */
export function civilDay(iso: string, timeZone: string): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone }).format(new Date(iso));
}

/** Whether anything of the case costs or would cost money. */
export function hasMoney({ summary }: ShownCase): boolean {
  return !isZero(summary.atStake) || !isZero(summary.meteredCharge);
}
