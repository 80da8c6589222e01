import { type CivilTime, type PricedStretch, formatMicros, formatNanos } from '../tariffs/index.ts';
import type { ExplainedEntry } from '../ledger/index.ts';
import { CONDITIONS } from '../rules/index.ts';
import {
  decisionText,
  evidenceText,
  type ExplainedCall,
  type ExplainedPrice,
  exactAmount,
  type NumberSteps,
  ownerText,
  reinstatedBy,
  type WaitingRecord,
} from '../services/index.ts';
import { PROGRAM } from './program-name.ts';
import { reasonInWords } from './quarantine-reasons.ts';
import { plainMoney, showDuration, showInstant, showPeriod } from './show-values.ts';
import { textTable, wrapText } from './text-table.ts';

/** How a call came to its charge, step by step, for a person. */
export function explainText(
  call: ExplainedCall,
  civilTime: CivilTime,
  { columns, option }: { readonly columns: number; readonly option: string },
): string[] {
  const { cdr } = call;
  return [
    `Call ${cdr.callId}${cdr.legId === '' ? '' : `, leg ${cdr.legId}`} of switch ${cdr.switchId}: ${plainMoney(call.charge)} ${call.currency}`,
    '',
    ...step(
      'When',
      `${showInstant(cdr.startedAt, civilTime)}, for ${showDuration(cdr.durationMs)}; it belongs to ${showPeriod(call.period)}`,
      columns,
    ),
    ...step('Whose', `${ownerText(call)}; account ${call.account}`, columns),
    ...step('Number', numberText(call.number), columns),
    ...step('Destination', destinationText(call), columns),
    ...call.prefixes
      .slice(1)
      .map(({ prefix, destination }) => `${INDENT}lost: +${prefix} ${destination.name}, a shorter prefix`),
    ...priceSteps(call, civilTime, columns),
    ...registrationLines(call, civilTime, columns),
    ...step('Coverage', coverageText(call), columns),
    ...holdLines(call, civilTime, columns),
    ...decisionLines(call, civilTime, columns),
    '',
    'Entries (their sum is the charge)',
    ...entryTable(call),
    ...changeLines(call, columns),
    ...waitingLines(call.waiting, columns, option),
    '',
    'Record',
    `  ${call.record}`,
  ];
}

const INDENT = ' '.repeat(15);

function step(name: string, text: string, columns: number): string[] {
  const lines = wrapText(text, columns, INDENT);
  return [`  ${name.padEnd(INDENT.length - 2)}${(lines[0] ?? '').trimStart()}`, ...lines.slice(1)];
}

function numberText({ dialled, read, called }: NumberSteps): string {
  if (read.kind === 'refusal') return `'${dialled}' is ${called}`;
  return `'${dialled}' holds ${FORMS[read.form]} ${read.digits}, which is ${called}`;
}

const FORMS = {
  international: 'the international number',
  national: 'the French national number',
  bare: 'the digits',
} as const;

function destinationText({ destination, prefixes, number }: ExplainedCall): string {
  const winner = prefixes[0];
  if (winner === undefined) return destination;
  const how = number.called.startsWith('+') ? `longest prefix +${winner.prefix}` : `short code ${winner.prefix}`;
  const since =
    winner.destination.name === destination ? '' : `; today's numbering plan says '${winner.destination.name}'`;
  return `${destination} (${winner.destination.class}), by the ${how}${since}`;
}

function priceSteps({ price, coverage }: ExplainedCall, civilTime: CivilTime, columns: number): string[] {
  if (coverage === 'free') return step('Price', 'none: the call is free, however long it was', columns);
  if (price === null) return step('Price', 'none: the rate deck has no price for it, and it is free', columns);
  const { rate, steps, candidates, deck } = price;
  const span = `in force from ${showInstant(rate.from, civilTime)} to ${showInstant(rate.to, civilTime)}`;
  return [
    ...step('Rate', `'${rate.key}' of deck ${deck} (line ${rate.price.line}), ${span}`, columns),
    ...candidates.slice(1).map(({ rate: other, verdict }) => `${INDENT}lost: '${other.key}', ${VERDICTS[verdict]}`),
    ...step('Seconds', secondsText(price), columns),
    ...step('Price', amountText(price), columns),
    ...step(
      'Rounding',
      `${ROUNDINGS[steps.rounding]} to ${steps.decimals} decimals, once: ${formatMicros(steps.charge)}`,
      columns,
    ),
  ];
}

const VERDICTS = {
  wins: 'wins',
  'not-in-force': 'not in force then',
  'shorter-prefix': 'a shorter prefix',
  'number-goes-first': 'a name; a prefix goes first',
} as const;
const ROUNDINGS = { 'half-up': 'half up', up: 'up', down: 'down' } as const;

function secondsText({ rate, steps }: ExplainedPrice): string {
  const { initialIncrementS, nextIncrementS, minimumS } = rate;
  const minimum = minimumS > 0 ? `, at least ${minimumS} s` : '';
  if (steps.billedSeconds === 0) return 'no time, so nothing is billed';
  return `${steps.seconds} s (rounded up once) at ${initialIncrementS}/${nextIncrementS}${minimum}: ${steps.billedSeconds} s billed`;
}

function amountText({ steps }: ExplainedPrice): string {
  const parts = steps.stretches.map(stretchText);
  if (steps.connectionCharge > 0) parts.push(`connection ${formatNanos(steps.connectionCharge)}`);
  if (steps.pricePerCall > 0) parts.push(`per call ${formatNanos(steps.pricePerCall)}`);
  const sum = parts.length === 0 ? 'nothing' : parts.join(' + ');
  const minimum = steps.isMinimumApplied ? `, raised to the minimum charge ${formatNanos(steps.minimumCharge)}` : '';
  return `${sum} = ${exactAmount(steps.numerator)}${minimum}`;
}

function stretchText({ band, billedSeconds, pricePerMinute }: PricedStretch): string {
  return `${billedSeconds} s at ${formatNanos(pricePerMinute)} a minute${band === null ? '' : ` (${band})`}`;
}

function coverageText({ coverage, reason, offer, destination, price }: ExplainedCall): string {
  const cost = price === null ? '' : `; by the minute it would cost ${formatMicros(price.steps.charge)}`;
  if (coverage === null) return `none: ${TAKEN_BACK[reason] ?? `taken back ('${reason}')`}`;
  if (coverage === 'free')
    return `free: ${reason === 'emergency' ? 'an emergency number' : 'a toll-free number'}, 0 s billed, never charged nor counted`;
  if (coverage === 'included') return `included: offer ${offer ?? ''} includes '${destination}' (${reason})${cost}`;
  return `metered: ${METERED[reason] ?? `condition '${reason}' of offer ${offer ?? ''} is in force against the line`}`;
}

/** Where the line was registered when it called, by which conditions were judged that the record tells nothing of. */
function registrationLines({ registrations }: ExplainedCall, civilTime: CivilTime, columns: number): string[] {
  if (registrations === null) return [];
  const [first = 'by no registration of the line: which device it came from is unknown', ...others] = registrations.map(
    ({ at, userAgent, sourceIp }) => {
      const device = userAgent === null ? 'an unnamed device' : `'${userAgent}'`;
      return `by its registration of ${showInstant(at, civilTime)}, with ${device} from ${sourceIp ?? 'an unknown address'}`;
    },
  );
  return [...step('Judged', first, columns), ...others.flatMap((text) => wrapText(`or ${text}`, columns, INDENT))];
}

const METERED: Readonly<Record<string, string>> = {
  'no-offer': 'the line had no offer at that time',
  'not-in-offer': 'the destination is none that the offer includes',
  ...Object.fromEntries(CONDITIONS.flatMap((one) => (one.kind === 'alone' ? [[one.id, one.whyMetered]] : []))),
};

function holdLines(call: ExplainedCall, civilTime: CivilTime, columns: number): string[] {
  const { hold, reason, coverage } = call;
  if (hold === null) {
    if (coverage !== 'metered' || reason in METERED) return [];
    return [`${INDENT}the condition is held no more: the next run of 'rate' settles it`];
  }
  const { from, to, period, onlyBreakingCalls } = hold.hold;
  const what = onlyBreakingCalls ? 'the calls that break it themselves' : 'every included call';
  const by = reinstatedBy(call);
  const end = by === null ? '' : `, when it was reinstated by ${by}`;
  const span = `from ${showInstant(from, civilTime)} to ${showInstant(to, civilTime)}${end}`;
  const why = hold.finding === null ? 'confirmed by a person' : evidenceText(hold.finding, civilTime);
  return [
    ...wrapText(`${hold.hold.condition}, broken in ${showPeriod(period)}, meters ${what} ${span}:`, columns, INDENT),
    ...wrapText(why, columns, INDENT),
  ];
}

/** Who decided what on the breaches that meter the call, or did. */
function decisionLines({ decisions }: ExplainedCall, civilTime: CivilTime, columns: number): string[] {
  if (decisions.length === 0) return [];
  const [first = '', ...others] = decisions.map(
    (decision) => `${decision.condition} of ${showPeriod(decision.period)}: ${decisionText(decision, civilTime)}`,
  );
  return [...step('Decided', first, columns), ...others.flatMap((text) => wrapText(text, columns, INDENT))];
}

/** What each entry after the first changed, where the table alone does not tell. */
function changeLines({ entries, currency }: ExplainedCall, columns: number): string[] {
  return entries.slice(1).flatMap((entry, index) => {
    const before = entries[index];
    if (before === undefined) return [];
    return wrapText(`${entry.revision}: ${changeText(before, entry, currency)}`, columns, '  ', '     ');
  });
}

function changeText(before: ExplainedEntry, entry: ExplainedEntry, currency: string): string {
  const amount = `${entry.charge > 0 ? '+' : ''}${plainMoney(entry.charge)} ${currency}`;
  if (entry.kind === 'reversal') return `${TAKEN_BACK[entry.reason] ?? `taken back (${entry.reason})`}: ${amount}`;
  if (before.coverage === null) return `rated again, after what was taken back: ${amount}`;
  const changes = changedFacts(before, entry);
  return `${changes.length === 0 ? 'what is known of the call changed, not what it costs' : changes.join('; ')}: ${amount}`;
}

const TAKEN_BACK: Readonly<Record<string, string>> = {
  'facts-changed': 'taken back, since facts entered later give the call to another line, or to none',
  'record-replaced': 'taken back, since another record of the same call counts',
};

function changedFacts(before: ExplainedEntry, entry: ExplainedEntry): string[] {
  const changes: readonly (readonly [string, string, string])[] = [
    ['coverage', before.coverage ?? 'nothing', entry.coverage ?? 'nothing'],
    ['reason', before.reason, entry.reason],
    ['price by the minute', plainMoney(before.meteredPrice), plainMoney(entry.meteredPrice)],
    ['rate deck', deckName(before), deckName(entry)],
    ['seconds billed', String(before.billedSeconds), String(entry.billedSeconds)],
    ['number', String(before.called), String(entry.called)],
    ['destination', before.destination, entry.destination],
    ['line', before.line, entry.line],
    ['offer', before.offer ?? 'none', entry.offer ?? 'none'],
  ];
  return changes.filter(([, was, is]) => was !== is).map(([name, was, is]) => `${name} ${was} -> ${is}`);
}

function deckName({ rateDeck, rateDeckVersion }: ExplainedEntry): string {
  return rateDeck === '' ? 'none' : `${rateDeck}@${rateDeckVersion}`;
}

/** The version is a hash: its beginning tells decks apart. */
function shortDeckName({ rateDeck, rateDeckVersion }: ExplainedEntry): string {
  return rateDeck === '' ? '-' : `${rateDeck}@${rateDeckVersion.slice(0, 8)}`;
}

/**
 * Records that wait: the call may be charged otherwise, or at all, once they are settled. Then those that are
 * settled.
 */
export function waitingLines(kept: readonly WaitingRecord[], columns: number, option: string): string[] {
  const waiting = kept.filter(({ state }) => state === 'waiting');
  const settled = kept.filter(({ state }) => state !== 'waiting');
  return [
    ...recordLines('In quarantine', waiting, columns, option),
    ...recordLines('Other records of the call, settled', settled, columns, option),
  ];
}

function recordLines(heading: string, records: readonly WaitingRecord[], columns: number, option: string): string[] {
  if (records.length === 0) return [];
  return [
    '',
    heading,
    ...records.flatMap(({ no, reason, detail, state }) => [
      ...wrapText(`${state === 'written-off' ? 'written off: ' : ''}${reasonLine(reason)}`, columns, '  ', '    '),
      ...wrapText(detail, columns, '    '),
      `    ${PROGRAM} quarantine show ${no}${option}`,
    ]),
  ];
}

/**
 * A correction that says that there was no call stands under the reason for which it is none: its detail says it in
 * words.
 */
function reasonLine(reason: string): string {
  const words = reasonInWords(reason);
  return words === reason ? reason : `${reason}: ${words}`;
}

function entryTable({ entries }: ExplainedCall): string[] {
  let sum = 0;
  const rows = entries.map((entry) => {
    sum += entry.charge;
    const change = entry.coverageBefore === null ? '' : `${entry.coverageBefore} -> `;
    return [
      String(entry.revision),
      entry.kind,
      `${change}${entry.coverage ?? 'nothing'}`,
      entry.reason,
      plainMoney(entry.charge),
      plainMoney(sum),
      `${showPeriod(entry.billedPeriod)}`,
      shortDeckName(entry),
      `${entry.bucket}:${entry.position}`,
    ];
  });
  return textTable(
    [
      { heading: 'no', align: 'right' },
      { heading: 'kind', align: 'left' },
      { heading: 'coverage', align: 'left' },
      { heading: 'reason', align: 'left' },
      { heading: 'amount', align: 'right' },
      { heading: 'sum', align: 'right' },
      { heading: 'billed in', align: 'left' },
      { heading: 'deck', align: 'left' },
      { heading: 'feed', align: 'left' },
    ],
    rows,
  );
}
