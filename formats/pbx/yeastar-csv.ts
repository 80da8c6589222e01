import { readBilledMs, ROUNDING_MS } from '../asterisk/asterisk-times.ts';
import { agrees, looksLikeNumber, sentOnTrunk } from '../asterisk/asterisk-channel.ts';
import { rulesOfTrunk } from '../call/dialled-prefix.ts';
import { quote } from '../canonical/canonical-fields.ts';
import { bad, notACall, unmatchedNames, type Decoded, type DecodedBad, type Format } from '../format.ts';
import { type ColumnReader, lineText, readHeader, readRow } from '../reading/headed-row.ts';
import type { LocalClock } from '../reading/local-clock.ts';
import { anyNamePattern, type NamePatterns } from '../reading/name-pattern.ts';
import { instantIn, readSwitchTime } from '../reading/switch-time.ts';
import { callTold, type SwitchSettings } from '../call/told-call.ts';

export interface YeastarOptions extends SwitchSettings {
  /** Name of this switch: its records do not say it. */
  readonly switchId: string;
  readonly clock: LocalClock;
  /** Trunks towards carriers, `*` for any rest; by default every trunk is one. */
  readonly trunks?: readonly string[];
  /** Columns that name the line, in this order. */
  readonly lineFrom?: readonly string[];
}

const NEEDED = [
  'datetime',
  'src',
  'dst',
  'srctrunk',
  'dstrunk',
  'duration',
  'billable',
  'disposition',
  'calltype',
  'uniqueid',
];

/** Whether a line is the header of a Yeastar table of calls. */
export function isYeastarHeader(line: string): boolean {
  const read = readHeader(line);
  return (
    !('problem' in read) && ['datetime', 'dstrunk', 'calltype', 'billable'].every((name) => read.columns.has(name))
  );
}

/** Yeastar's table of calls (S series, `cdr_YYYYMM`), exported with its header: a row a leg, local times. */
export function createYeastarCsv(header: string, options: YeastarOptions): Format | { readonly problem: string } {
  const read = readHeader(header);
  if ('problem' in read) return read;
  const missing = NEEDED.find((name) => !read.columns.has(name));
  if (missing !== undefined) return { problem: `its header lacks column '${missing}'` };
  const isTrunk = anyNamePattern(options.trunks ?? ['*']);
  return {
    id: 'yeastar-csv',
    framing: 'lines',
    decode: (buffer, start, end) => {
      const line = lineText(buffer, start, end);
      if (typeof line !== 'string') return line;
      if (isYeastarHeader(line)) return notACall('other-event');
      const at = readRow(line, read);
      return typeof at === 'function' ? decodeRow(at, isTrunk, options) : at;
    },
    unmatched: () => unmatchedNames('trunk', options.trunks === undefined ? [] : isTrunk.unmatched),
  };
}

/** Dispositions that say that no other party answered; `VOICEMAIL` that the mailbox did. */
const UNANSWERED = ['NO ANSWER', 'BUSY', 'FAILED', 'CONGESTION', 'VOICEMAIL'];

function decodeRow(at: ColumnReader, isTrunk: NamePatterns, options: YeastarOptions): Decoded {
  const disposition = at('disposition').toUpperCase();
  if (disposition !== 'ANSWERED' && !UNANSWERED.includes(disposition)) {
    return bad('invalid-field', `Cannot read disposition: ${quote(at('disposition'))} is none that Yeastar writes`);
  }
  const trunk = at('dstrunk');
  if (trunk === '' || !isTrunk(trunk)) return withoutTrunk(at, disposition, options);
  const billedMs = readBilledMs(at('billable'));
  if (typeof billedMs !== 'number') return billedMs;
  if (disposition !== 'ANSWERED') return notACall(billedMs > 0 ? 'disposition-conflict' : 'unanswered');
  const wholeMs = readBilledMs(at('duration'));
  if (typeof wholeMs !== 'number') return wholeMs;
  if (billedMs > wholeMs + ROUNDING_MS) {
    return bad(
      'duration-mismatch',
      `Cannot trust the duration: billable ${quote(at('billable'))} is longer than duration ${quote(at('duration'))}`,
    );
  }
  const started = readSwitchTime('datetime', at('datetime'), options.clock);
  if ('kind' in started) return started;
  // In the hour that comes twice the epoch in the id tells which is meant.
  const createdAt = madeAt(at) ?? -Infinity;
  const startedAt = started.instants.find((instant) => instant >= createdAt - 1000) ?? started.instants[0] ?? NaN;
  const dialled = dialledOf(at, options);
  if (typeof dialled !== 'string') return dialled;
  const cameByTrunk = at('srctrunk') !== '';
  const lineFrom = options.lineFrom ?? ['accountcode', 'payaccount', 'src'];
  return callTold(
    {
      switchId: options.switchId,
      callId: at('uniqueid'),
      legId: `${at('dst')}@${at('datetime')}`,
      // A call that came by a trunk and left by one was sent on by someone whom the row does not name.
      line: cameByTrunk ? at('accountcode') : (lineFrom.map(at).find((value) => value !== '') ?? ''),
      dialled,
      trunk,
      calling: at('src'),
      answeredAt: startedAt + Math.max(0, wholeMs - billedMs),
      durationMs: billedMs,
      sourceIp: at('srcchanurl'),
      notes: started.instants.length > 1 ? ['local-time-ambiguous'] : [],
    },
    options,
  );
}

/** When the row's channel was made, by its id, ms since the epoch. */
function madeAt(at: ColumnReader): number | null {
  return instantIn(/(\d{9,10})\.\d+$/.exec(at('uniqueid'))?.[1] ?? '');
}

/**
 * What shows that a row which came by a trunk, and says so, may be of an outgoing call that was transferred: the switch
 * had called the channel, or the channel is older than the row and no number of ours was called on it. `null`: nothing.
 */
function mayGoOn(at: ColumnReader, clock: LocalClock): string | null {
  if (at('lastapp').startsWith('AppDial') || at('lastdata') === '(Outgoing Line)') return 'the switch had called it';
  const created = madeAt(at);
  if (at('didnumber') !== '' || created === null) return null;
  const started = readSwitchTime('datetime', at('datetime'), clock);
  if ('kind' in started || started.instants.some((instant) => instant <= created + ROUNDING_MS)) return null;
  return 'its channel is older than the row, and no didnumber was called';
}

function withoutTrunk(at: ColumnReader, disposition: string, { clock }: YeastarOptions): Decoded {
  if (at('srctrunk') !== '' && disposition === 'ANSWERED' && !['', 'Inbound'].includes(at('calltype'))) {
    return bad(
      'contradiction',
      `Cannot tell whether a carrier bills the call: it came by trunk ${quote(at('srctrunk'))}, and its calltype is ` +
        `${quote(at('calltype'))}, as of an outgoing one that was transferred`,
    );
  }
  const goesOn = at('srctrunk') === '' || disposition !== 'ANSWERED' ? null : mayGoOn(at, clock);
  if (goesOn !== null) {
    return bad(
      'incomplete-call',
      `Cannot tell whether a carrier bills the call: it came by trunk ${quote(at('srctrunk'))}, and ${goesOn}, as of ` +
        'an outgoing one that was transferred',
    );
  }
  if (at('srctrunk') !== '' || at('calltype') === 'Inbound') return notACall('inbound');
  if (disposition !== 'ANSWERED' && disposition !== 'VOICEMAIL') return notACall('unanswered');
  if (at('calltype') === 'Outbound' && at('dstrunk') === '') {
    return bad('missing-field', 'Cannot tell the trunk: an answered call with calltype Outbound has no dstrunk');
  }
  // An outbound call whose trunk is none of ours to pay for.
  return notACall('internal');
}

/**
 * The number that went out: what `Dial` sent, where it says so, without what `dst` keeps of an outside line. Of
 * `6500(5160)`, dialled as 6500 and answered by 5160, what stands before.
 */
function dialledOf(at: ColumnReader, { dialPrefixes = [] }: YeastarOptions): string | DecodedBad {
  const dst = at('dst').replace(/\(.*\)$/, '');
  const [driver = ''] = at('lastdata').split('/', 1);
  const isDial = at('lastapp') === 'Dial';
  // The column has the trunk's name, where Asterisk's has its channel; lines of a card are dialled by groups.
  const { numbers, isCut } = isDial
    ? sentOnTrunk(at('lastdata'), `${driver}/${at('dstrunk')}-00000000`)
    : { numbers: [], isCut: false };
  const sent = numbers.filter((number) => !isCut || agrees(dst, number));
  if (sent.length > 1) {
    return bad('unclear-number', `Cannot tell which number answered: lastdata ${quote(at('lastdata'))} dials several`);
  }
  const [only] = sent;
  if (!looksLikeNumber(dst)) return only ?? '';
  if (only !== undefined && agrees(dst, only)) return only;
  if (only !== undefined) {
    return bad('contradiction', `Cannot tell the number: dst says ${quote(dst)}, lastdata ${quote(at('lastdata'))}`);
  }
  if (dst.startsWith('00') && rulesOfTrunk(dialPrefixes, [at('dstrunk')]).length === 0) {
    return bad(
      'unclear-number',
      `Cannot tell the number: dst ${quote(dst)} begins with 00, an international number or an outside line's 0; ` +
        `nothing says what was sent to ${quote(at('dstrunk'))}: say it by a rule of the trunk (dial-prefix)`,
    );
  }
  return dst;
}
