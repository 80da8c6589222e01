import { type AccEvidence, dialogKey } from './acc-row.ts';
import { bad, notACall, type Decoded, type DecodedBad } from '../format.ts';
import { quote } from '../canonical/canonical-fields.ts';
import { proxyCall, type ProxyOptions, spanMs } from './proxy-call.ts';
import { readSwitchTime } from '../reading/switch-time.ts';

export interface AccOptions extends ProxyOptions {
  /** Names of the columns after the fixed ones, in the order in which the script adds them. */
  readonly extras?: readonly string[];
}

/**
 * What the accounting rows of a Call-ID come to, one outcome for each row, in their order: the row that answers a
 * dialog is the call, from its time to that of the BYE. A pure function of the set of rows: neither their order nor
 * whether one stands twice matters. A dialog of which one end is known waits, both rows of it.
 */
export function readAccRows(rows: readonly AccEvidence[], options: AccOptions): readonly Decoded[] {
  const dialogs = Map.groupBy(rows, dialogKey);
  const outcomes = new Map<string, ReturnType<typeof readDialog>>();
  for (const [key, dialog] of dialogs) outcomes.set(key, readDialog(dialog, options));
  return rows.map((row) => outcomes.get(dialogKey(row))?.(row) ?? notACall('other-event'));
}

/** What a row of a dialog comes to. */
function readDialog(rows: readonly AccEvidence[], options: AccOptions): (row: AccEvidence) => Decoded {
  // A re-INVITE and an ACK are answered too: the first answer is the call's. The first BYE ends it.
  const answer = earliest(rows.filter(({ kind }) => kind === 'answer'));
  const hangup = earliest(rows.filter(({ kind }) => kind === 'hangup'));
  const isBoth = answer !== null && hangup !== null;
  const call = isBoth ? (rivalOf(answer, rows) ?? callBetween(answer, hangup, options)) : null;
  return (row) => {
    if (row.kind === 'attempt') return notACall('unanswered');
    if (row.kind === 'other') return notACall('other-event');
    if (call === null) return half(row);
    return isSame(row, answer) ? call : notACall('other-leg');
  };
}

function half(row: AccEvidence): DecodedBad {
  const missing = row.kind === 'answer' ? 'its end' : 'its answer';
  return bad(
    'half-a-call',
    `Cannot rate call ${quote(row.callId)} by its ${row.method} alone: no row tells ${missing}`,
  );
}

/** Two rows of one answer that say different things: neither is believed. */
function rivalOf(answer: AccEvidence, rows: readonly AccEvidence[]): DecodedBad | null {
  const isOfAnswer = (row: AccEvidence): boolean => row.method === answer.method && row.time === answer.time;
  const rival = rows.find((row) => isOfAnswer(row) && row.fromTag === answer.fromTag && !isSame(row, answer));
  if (rival === undefined) return null;
  const [one, other] = [answer, rival].map(({ extras }) => quote(extras.join('|')));
  return bad('invalid-field', `Cannot tell which row of call ${quote(answer.callId)} is right: ${one} or ${other}`);
}

/** The earliest row; of rows of one time the one whose text is least, so that their order is no matter. */
function earliest(rows: readonly AccEvidence[]): AccEvidence | null {
  return rows.reduce<AccEvidence | null>((best, row) => (best === null || before(row, best) ? row : best), null);
}

function before(a: AccEvidence, b: AccEvidence): boolean {
  if (a.time.length !== b.time.length) return a.time.length < b.time.length;
  return a.time === b.time ? textOf(a) < textOf(b) : a.time < b.time;
}

function isSame(row: AccEvidence, other: AccEvidence | null): boolean {
  return other !== null && textOf(row) === textOf(other);
}

function textOf({ method, fromTag, toTag, code, reason, time, extras }: AccEvidence): string {
  return JSON.stringify([method, fromTag, toTag, code, reason, time, extras]);
}

function callBetween(answer: AccEvidence, hangup: AccEvidence, options: AccOptions): Decoded {
  const from = readSwitchTime('time', answer.time, options.clock ?? null);
  if ('kind' in from) return from;
  const to = readSwitchTime('time', hangup.time, options.clock ?? null);
  if ('kind' in to) return to;
  const span = spanMs(from, to, null);
  if ('kind' in span) return span;
  if (span.durationMs < 0) {
    return bad('duration-mismatch', `Cannot trust the times: answered at ${answer.time}, but over at ${hangup.time}`);
  }
  const { extras: names = [] } = options;
  const extras = Object.fromEntries(names.map((name, index) => [name, answer.extras[index] ?? '']));
  const fields = { ...extras, callid: answer.callId, from_tag: answer.fromTag, to_tag: answer.toTag };
  return proxyCall(fields, { answered: ['time', answer.time], durationMs: span.durationMs }, options);
}
