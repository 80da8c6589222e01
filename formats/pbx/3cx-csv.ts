import { agreeEitherWay } from '../asterisk/asterisk-channel.ts';
import { quote } from '../canonical/canonical-fields.ts';
import { splitCsvLine } from '../reading/csv-line.ts';
import { bad, notACall, unmatchedNames, type Decoded, type Format } from '../format.ts';
import { lineText } from '../reading/headed-row.ts';
import { spanOfLocal, type LocalClock } from '../reading/local-clock.ts';
import { anyNamePattern, type NamePatterns } from '../reading/name-pattern.ts';
import { clockedToMs, readSwitchTime } from '../reading/switch-time.ts';
import { callTold, type SwitchSettings } from '../call/told-call.ts';

export interface ThreeCxOptions extends SwitchSettings {
  /** Name of this 3CX; `3cx` when not given. */
  readonly switchId?: string;
  /** The zone of its times: UTC unless 3CX is told otherwise. */
  readonly clock: LocalClock;
  /** Lines towards carriers, by the number of the trunk, `*` for any rest; by default every line is one. */
  readonly trunks?: readonly string[];
}

/** The columns of 3CX's CDR output in its own order, which people can change. */
const COLUMNS = [
  'historyid',
  'callid',
  'duration',
  'time-start',
  'time-answered',
  'time-end',
  'reason-terminated',
  'from-no',
  'to-no',
  'from-dn',
  'to-dn',
  'dial-no',
  'reason-changed',
  'final-number',
  'final-dn',
  'bill-code',
  'bill-rate',
  'bill-cost',
  'bill-name',
  'chain',
  'from-type',
  'to-type',
  'final-type',
] as const;
type Column = (typeof COLUMNS)[number];

/** Whether fields can be such a row in 3CX's own order: `Call 288831`, its id, a duration, times. */
export function is3cxRow(fields: readonly string[]): boolean {
  const [history = '', , duration = '', start = ''] = fields;
  return (
    fields.length >= COLUMNS.length &&
    /^Call \d+$/.test(history) &&
    /^(?:\d{1,4}:\d{2}:\d{2})?$/.test(duration) &&
    /^(?:\d{4}[/-]\d{2}[/-]\d{2} \d{2}:\d{2}:\d{2})?$/.test(start)
  );
}

/** 3CX's CDRs, from a file or its socket: a row a call, in the columns' own order. */
export function create3cxCsv(options: ThreeCxOptions): Format {
  const isTrunk = anyNamePattern(options.trunks ?? ['*']);
  return {
    id: '3cx-csv',
    framing: 'lines',
    decode: (buffer, start, end) => {
      const line = lineText(buffer, start, end);
      if (typeof line !== 'string') return line;
      const fields = splitCsvLine(line);
      if (fields === null) return bad('broken-quoting', `Cannot read the row: a quote stands amiss in ${quote(line)}`);
      if (COLUMNS.every((name, index) => fields[index]?.trim().toLowerCase() === name)) return notACall('other-event');
      if (!is3cxRow(fields)) {
        return bad(
          'column-count',
          `Cannot read the row: it has not the columns of 3CX in their own order, from historyid to final-type: ${quote(line)}`,
        );
      }
      return decodeRow((column) => (fields[COLUMNS.indexOf(column)] ?? '').trim(), isTrunk, options);
    },
    unmatched: () => unmatchedNames('trunk', options.trunks === undefined ? [] : isTrunk.unmatched),
  };
}

function decodeRow(at: (column: Column) => string, isTrunk: NamePatterns, options: ThreeCxOptions): Decoded {
  const fromLine = isLine(at('from-type'));
  const finalType = at('final-type') || at('to-type');
  if (finalType === '' || at('from-type') === '') {
    return bad('missing-field', 'Cannot tell whether it went to a carrier: from-type or final-type is empty');
  }
  // Of a call to a line, where it went first is no matter.
  const types = [at('from-type'), finalType, ...(isLine(finalType) ? [] : [at('to-type') || finalType])];
  const unknown = types.find((type) => !isLine(type) && !INSIDE.test(type));
  if (unknown !== undefined) {
    return bad('invalid-field', `Cannot tell whether it went to a carrier: ${quote(unknown)} is no type of 3CX's`);
  }
  if (!isLine(finalType) && isLine(at('to-type')) && isTrunk(at('to-dn')) && at('time-answered') !== '') {
    return bad(
      'contradiction',
      `Cannot tell how long a carrier bills: the call went to ${quote(at('to-no'))} by line ${quote(at('to-dn'))}, and ` +
        `on to ${quote(at('final-number'))}, which is inside`,
    );
  }
  if (isLine(finalType) && wentOn(at, isTrunk)) {
    return bad(
      'contradiction',
      `Cannot tell how long carriers bill: the call went to ${quote(at('to-no'))} by line ${quote(at('to-dn'))}, and ` +
        `on to ${quote(at('final-number'))} outside`,
    );
  }
  if (isLine(finalType) && wasTransferred(at)) {
    return bad(
      'contradiction',
      `Cannot tell since when a carrier bills: the call went to ${quote(at('to-no'))} inside, which a transfer ` +
        `(${quote(at('reason-changed'))}) replaced by ${quote(at('final-number'))} outside`,
    );
  }
  if (!isLine(finalType) || !isTrunk(at('final-dn') || at('to-dn'))) return notACall(fromLine ? 'inbound' : 'internal');
  if (at('time-answered') === '') return notACall('unanswered');
  const answered = readSwitchTime('time-answered', at('time-answered'), options.clock);
  if ('kind' in answered) return answered;
  const ended = readSwitchTime('time-end', at('time-end'), options.clock);
  if ('kind' in ended) return ended;
  // `duration` has the ringing in some versions, so that it only tells which of two instants is meant.
  const { startedAt, spanMs, isAmbiguous } = spanOfLocal(answered, ended, clockedToMs(at('duration')) ?? 0);
  const caller = extensionOf(at('from-no'));
  const inChain = divertersIn(at('chain'), caller);
  const diversions = inChain.length > 0 ? inChain : calledFirst(at, caller);
  const line = fromLine ? '' : at('from-dn') || caller;
  return callTold(
    {
      switchId: options.switchId ?? '3cx',
      callId: at('callid') || at('historyid'),
      legId: at('historyid'),
      line,
      dialled: at('final-number') || at('dial-no') || at('to-no'),
      trunk: at('final-dn') || at('to-dn'),
      calling: at('from-no'),
      answeredAt: startedAt,
      durationMs: spanMs,
      diversions,
      notes: isAmbiguous ? ['local-time-ambiguous'] : [],
    },
    options,
  );
}

/** Whether a call that was answered outside went on to another number there: two legs, and one duration. */
function wentOn(at: (column: Column) => string, isTrunk: NamePatterns): boolean {
  if (at('time-answered') === '' || !isLine(at('to-type')) || !isTrunk(at('to-dn'))) return false;
  const [first, last] = [extensionOf(at('to-no')), at('final-number')];
  return first !== '' && last !== '' && !agreeEitherWay(first, last);
}

/**
 * Whether a party inside was replaced after an answer, as a transfer does. The one answer time may be that party's, and
 * the chain does not tell a transfer from a forward.
 */
function wasTransferred(at: (column: Column) => string): boolean {
  const first = at('to-type');
  return at('time-answered') !== '' && first !== '' && !isLine(first) && /^replaced/i.test(at('reason-changed'));
}

/** What a call can come from or go to within 3CX. */
const INSIDE =
  /^(?:extension|extern(?:al)?[ _]?extension|queue|ring[ _]?group|(?:digital[ _]?)?receptionist|ivr|voice[ _]?mail|vmail|fax|parking|park|conf(?:erence|place)|route[ _]?point|script|call[ _]?flow|special[ _]?menu|none|unknown)$/i;

/** The extension that was called first, where the record names one and its chain nobody: it sent the call on. */
function calledFirst(at: (column: Column) => string, caller: string): string[] {
  if (!/^extension$/i.test(at('to-type'))) return [];
  const called = at('to-dn') || extensionOf(at('to-no'));
  return called === '' || called === caller || called === at('final-dn') ? [] : [called];
}

function isLine(type: string): boolean {
  return /^(?:line|external[ _]?line|bridge|provider)$/i.test(type);
}

/** `Ext.10016` is 10016; any other text itself. */
function extensionOf(party: string): string {
  return party.replace(/^Ext\./, '');
}

/**
 * Extensions on the way from the caller to the number, `Chain: Ext.200;Ext.300;+33…;`: the call was sent on by them.
 * The last hop is the number itself.
 */
function divertersIn(chain: string, caller: string): string[] {
  const hops = chain
    .replace(/^Chain:\s*/, '')
    .split(';', 64)
    .map((hop) => hop.trim())
    .filter((hop) => hop !== '');
  return hops
    .slice(0, -1)
    .filter((hop) => hop.startsWith('Ext.'))
    .map(extensionOf)
    .filter((hop, index) => !(index === 0 && hop === caller))
    .slice(-32);
}
