import type { AsteriskRowGiven } from '../asterisk-rows.ts';
import type { OracleRecord } from './oracle-types.ts';
import type { Happening, SwitchCall } from './switch-calls.ts';

/**
 * Calls that Asterisk's channel events, rows without `linkedid`, and rows of FreeSWITCH's cdr_csv tell of; and calls
 * of several rows that a person corrects.
 */
export const OTHER_HAPPENINGS = [
  'cel-forward',
  'cel-blind-transfer',
  'cel-contradiction',
  'pair-forwarded',
  'pair-lost-half',
  'corrected-forward',
  'corrected-away',
  'corrected-contradiction',
  'csv-two-legs',
  'csv-lost-leg',
  'csv-silent-leg',
  'csv-silent-without-line',
  'csv-contradiction',
  'csv-told-twice',
  'csv-told-without-other',
] as const;

type OtherHappening = Happening & { readonly kind: (typeof OTHER_HAPPENINGS)[number] };

/** Marks a row of cdr_csv: who called, by name. */
export const CSV_CALLER = 'Caller of cdr_csv';

/** What the switch writes of what happened, and what must come of it. */
export function otherCall(happening: OtherHappening, index: number): SwitchCall {
  // Whoever is corrected is a line of ours: what names none waits, corrected or not.
  if (happening.kind.startsWith('corrected') && happening.other === '999') {
    return otherCall({ ...happening, other: happening.caller === '301' ? '300' : '301' }, index);
  }
  return happening.kind.startsWith('csv') ? csvCall(happening, index) : asteriskCall(happening, index);
}

function recordOf(given: Partial<OracleRecord>): OracleRecord {
  return {
    switchId: '',
    callId: '',
    legId: '',
    revision: 0,
    line: '',
    dialled: '',
    calling: null,
    startedAt: 0,
    durationMs: 0,
    userAgent: null,
    sourceIp: null,
    diversions: [],
    transferredBy: null,
    mobilityUsed: null,
    recordBuffer: Buffer.alloc(0),
    recordStart: 0,
    recordEnd: 0,
    ...given,
  };
}

function asteriskCall(
  { kind, caller, other, number, day, minute, seconds }: OtherHappening,
  index: number,
): SwitchCall {
  const group = `${1_793_800_000 + index}.1`;
  const channel = (name: string, place: number): string =>
    `PJSIP/${name}-${(0x10_0000 + index * 16 + place).toString(16).padStart(8, '0')}`;
  const half = (which: 1 | 2): string => `Local/FMPR-${other}@in-${(0x10_0000 + index).toString(16)};${which}`;
  const row = (sequence: number, given: AsteriskRowGiven): AsteriskRowGiven => {
    const uniqueid = `${group}${sequence}`;
    return { account: caller, src: caller, dst: number, day, minute, seconds, group, uniqueid, sequence, ...given };
  };
  const billed = (sequence: number, line: string, given: Partial<OracleRecord> = {}): OracleRecord =>
    recordOf({
      switchId: 'pbx',
      callId: group,
      legId: `${group}${sequence}#${sequence}`,
      line,
      dialled: number,
      startedAt: Date.UTC(2026, 10, day, 10, minute, 5),
      durationMs: seconds * 1000,
      ...given,
    });
  const event = (name: string, of: string, extra: object, data = ''): string =>
    JSON.stringify({
      Event: 'CEL',
      EventName: name,
      Channel: of,
      ApplicationData: data,
      UniqueID: `${group}9`,
      LinkedID: group,
      Extra: extra,
    });
  const out = row(2, { from: half(2), to: channel('op', 2) });
  const toHalf = row(1, { dst: other, from: channel(caller, 1), to: half(1), data: 'Local/x@in' });
  const outside = { account: '', src: '0140000001', from: channel('op', 1) };
  const outAgain = row(2, { ...outside, to: channel('op', 3) });
  const forwarded = { diversions: [other] };
  switch (kind) {
    case 'cel-forward': {
      const told = event(
        'FORWARD',
        channel(caller, 1),
        { forward: number },
        `PJSIP/${other}/sip:${other}@192.0.2.7,15`,
      );
      return { rows: [out], documents: [told], billed: [billed(2, other, forwarded)], waiting: [] };
    }
    case 'cel-blind-transfer': {
      const told = event('BLINDTRANSFER', channel(other, 2), { transferee_channel_name: channel('op', 1) });
      return { rows: [outAgain], documents: [told], billed: [billed(2, other)], waiting: [] };
    }
    case 'cel-contradiction': {
      const talked = row(1, { ...outside, dst: other, to: channel(other, 2), data: `PJSIP/${other}` });
      const told = event('BLINDTRANSFER', channel(caller, 4), { transferee_channel_name: channel('op', 1) });
      const waiting = [{ reason: 'contradiction', channel: channel('op', 3) }];
      return { rows: [talked, outAgain], documents: [told], billed: [], waiting };
    }
    case 'pair-forwarded': {
      const rows = [toHalf, out].map((one) => ({ ...one, isLinked: false }));
      return { rows, billed: [billed(2, other, { ...forwarded, callId: `${group}2` })], waiting: [] };
    }
    // Whatever its rows say, and how many of them, a correction that is marked counts.
    case 'corrected-forward':
    case 'corrected-contradiction': {
      const another = row(3, { dst: caller, from: channel(caller, 1), to: half(1), data: 'Local/x@in' });
      return {
        rows: kind === 'corrected-forward' ? [toHalf, out] : [toHalf, out, another],
        documents: [
          corrected(group, 2, { line: other, to: number, answered: '2026-11-03T10:00:05Z', durationMs: 5000 }),
        ],
        billed: [billed(2, other, { revision: 1, startedAt: Date.UTC(2026, 10, 3, 10, 0, 5), durationMs: 5000 })],
        waiting: kind === 'corrected-forward' ? [] : [{ reason: 'contradiction', channel: channel('op', 2) }],
      };
    }
    case 'corrected-away':
      return {
        rows: [toHalf, out],
        documents: [corrected(group, 2, { line: other, to: number, answered: null, durationMs: 0 })],
        billed: [],
        waiting: [],
      };
    default:
      return {
        rows: [{ ...out, isLinked: false }],
        billed: [],
        waiting: [{ reason: 'incomplete-call', channel: channel('op', 2) }],
      };
  }
}

/** What a person says of a leg of a call, in canonical form. */
function corrected(call: string, sequence: number, said: object): string {
  return JSON.stringify({ v: 1, switch: 'pbx', call, leg: `${call}${sequence}#${sequence}`, revision: 1, ...said });
}

/** Of the template `example`: the caller's leg A began first, and the leg B that was made for it talked 2 s less. */
function csvCall({ kind, caller, other, number, day, minute, seconds }: OtherHappening, index: number): SwitchCall {
  const uuid = (leg: 1 | 2): string => `00000000-0000-4000-8000-${String(index * 2 + leg).padStart(12, '0')}`;
  const answered = (leg: 1 | 2): number => Date.UTC(2026, 10, day, 10, minute, 3 + leg);
  const talked = (leg: 1 | 2): number => (leg === 1 ? seconds + 2 : seconds);
  const row = (leg: 1 | 2, line: string, given: { calling?: string; other?: '' } = {}): string => {
    const at = [answered(leg) - 4000, answered(leg), answered(leg) + talked(leg) * 1000].map((instant) =>
      new Date(instant).toISOString().slice(0, 19).replace('T', ' '),
    );
    const told = [String(talked(leg) + 4), String(talked(leg)), 'NORMAL_CLEARING', uuid(leg)];
    told.push(given.other ?? uuid(leg === 1 ? 2 : 1));
    return [CSV_CALLER, given.calling ?? caller, number, 'default', ...at, ...told, line, 'PCMA', 'PCMA']
      .map((field) => `"${field}"`)
      .join(',');
  };
  const billed = (by: 1 | 2): OracleRecord =>
    recordOf({
      switchId: 'fscsv',
      callId: uuid(1),
      line: caller,
      dialled: number,
      startedAt: answered(by),
      durationMs: talked(by) * 1000,
    });
  const documents = [row(1, caller), row(2, caller)];
  if (kind === 'csv-two-legs') return { rows: [], documents, billed: [billed(2)], waiting: [] };
  // As the module writes both legs: the one that was made for the caller's names none, nor perhaps whose it is.
  if (kind === 'csv-silent-leg') {
    return { rows: [], documents: [row(1, caller), row(2, caller, { other: '' })], billed: [billed(2)], waiting: [] };
  }
  if (kind === 'csv-silent-without-line') {
    return { rows: [], documents: [row(1, caller), row(2, '', { other: '' })], billed: [billed(1)], waiting: [] };
  }
  if (kind === 'csv-lost-leg') return { rows: [], documents: documents.slice(0, 1), billed: [billed(1)], waiting: [] };
  // The account's own file tells of the caller's leg as well, by a template without the caller's number.
  if (kind === 'csv-told-twice') {
    return { rows: [], documents: [row(1, caller), row(1, caller, { calling: '' })], billed: [billed(1)], waiting: [] };
  }
  // Master.csv has a template that names no other leg: its rows are no calls beside those that do.
  if (kind === 'csv-told-without-other') {
    const lacking = ([1, 2] as const).map((leg) => row(leg, caller, { calling: '', other: '' }));
    return { rows: [], documents: [...documents, ...lacking], billed: [billed(2)], waiting: [] };
  }
  const waiting = [{ reason: 'contradiction', channel: uuid(1) }];
  return { rows: [], documents: [row(1, caller), row(2, other)], billed: [], waiting };
}
