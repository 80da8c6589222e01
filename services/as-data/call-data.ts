import { formatMicros, formatNanos } from '../../tariffs/index.ts';
import { exactAmount, ownerText, reinstatedBy } from '../calls/call-words.ts';
import type { ExplainedCall, ExplainedPrice, WaitingRecord } from '../calls/explain-call.ts';
import { showPeriod } from '../value-text.ts';
import { decisionJson } from './report-data.ts';
import { isoEnd, plainMoney } from './values.ts';

/** How a call came to its charge as data; money as decimal text. */
export function explainJson(call: ExplainedCall): unknown {
  const { cdr, price, hold } = call;
  const record: unknown = JSON.parse(call.record);
  return {
    v: 1,
    call: cdr.callId,
    leg: cdr.legId,
    switch: cdr.switchId,
    account: call.account,
    line: call.line,
    owner: ownerText(call),
    period: showPeriod(call.period),
    startedAt: new Date(cdr.startedAt).toISOString(),
    durationMs: cdr.durationMs,
    number: call.number,
    destination: call.destination,
    prefixes: call.prefixes.map(({ prefix, destination }, index) => ({
      prefix,
      destination: destination.name,
      class: destination.class,
      wins: index === 0,
    })),
    price: price === null ? null : priceJson(price),
    coverage: call.coverage,
    reason: call.reason,
    offer: call.offer,
    hold:
      hold === null
        ? null
        : {
            condition: hold.hold.condition,
            period: showPeriod(hold.hold.period),
            from: isoEnd(hold.hold.from),
            to: isoEnd(hold.hold.to),
            onlyBreakingCalls: hold.hold.onlyBreakingCalls,
            finding: hold.finding,
            reinstatedBy: reinstatedBy(call),
          },
    registrations:
      call.registrations?.map(({ at, userAgent, sourceIp }) => ({
        registeredAt: new Date(at).toISOString(),
        userAgent,
        sourceIp,
      })) ?? null,
    decisions: call.decisions.map((decision) => ({
      condition: decision.condition,
      period: showPeriod(decision.period),
      ...decisionJson(decision),
    })),
    quarantine: call.waiting,
    charge: plainMoney(call.charge),
    currency: call.currency,
    entries: call.entries.map((entry) => ({
      position: `${entry.bucket}:${entry.position}`,
      revision: entry.revision,
      kind: entry.kind,
      coverage: entry.coverage,
      coverageBefore: entry.coverageBefore,
      reason: entry.reason,
      billedPeriod: showPeriod(entry.billedPeriod),
      billedSeconds: entry.billedSeconds,
      charge: plainMoney(entry.charge),
      meteredPrice: plainMoney(entry.meteredPrice),
      rateDeck: `${entry.rateDeck}@${entry.rateDeckVersion}`,
      offer: entry.offer,
    })),
    record,
  };
}

/** A call that was never rated, as data. */
export function waitingJson(callId: string, waiting: readonly WaitingRecord[]): unknown {
  return { v: 1, call: callId, coverage: null, charge: plainMoney(0), entries: [], quarantine: waiting };
}

function priceJson({ deck, rate, candidates, steps }: ExplainedPrice): unknown {
  return {
    deck,
    key: rate.key,
    line: rate.price.line,
    lost: candidates.slice(1).map(({ rate: other, verdict }) => ({ key: other.key, verdict })),
    seconds: steps.seconds,
    billedSeconds: steps.billedSeconds,
    initialIncrementS: rate.initialIncrementS,
    nextIncrementS: rate.nextIncrementS,
    minimumS: rate.minimumS,
    stretches: steps.stretches.map((stretch) => ({ ...stretch, pricePerMinute: formatNanos(stretch.pricePerMinute) })),
    connectionCharge: formatNanos(steps.connectionCharge),
    pricePerCall: formatNanos(steps.pricePerCall),
    minimumCharge: formatNanos(steps.minimumCharge),
    isMinimumApplied: steps.isMinimumApplied,
    exact: exactAmount(steps.numerator),
    rounding: steps.rounding,
    decimals: steps.decimals,
    charge: formatMicros(steps.charge),
  };
}
