import type { Decoded, DecodedCall, LineRegistration, NoCallDoubt, UnmatchedName } from '../formats/index.ts';
import { formatNumber, type NumberingPlan } from '../tariffs/index.ts';
import { LeadingDigits } from './leading-digits.ts';
import { plural, showCount, showDuration } from './show-values.ts';

type Classify = NumberingPlan['classify'];

/** What became of a record that was tried. */
export type TriedRecord =
  | {
      readonly no: number;
      readonly byte: number;
      readonly outcome: 'call';
      readonly call: readonly [switchId: string, callId: string, legId: string];
      readonly line: string;
      readonly payer: string;
      readonly why: string;
      readonly dialled: string;
      readonly number: string;
      readonly destination: string;
      readonly answered: string;
      readonly durationMs: number;
      readonly diversions: readonly string[];
      readonly transferredBy: string | null;
      readonly userAgent: string | null;
      readonly sourceIp: string | null;
      readonly notes: readonly string[];
    }
  | { readonly no: number; readonly byte: number; readonly outcome: 'not-a-call'; readonly reason: string }
  | {
      readonly no: number;
      readonly byte: number;
      readonly outcome: 'registration';
      readonly line: string;
      /** `null`: when the record reaches its source. */
      readonly registeredAt: string | null;
      /** Seconds, or the instant, until when it counts; `null`: it ends. */
      readonly expires: number | string | null;
      readonly userAgent: string;
      readonly sourceIp: string;
      readonly contact: string;
    }
  | {
      readonly no: number;
      readonly byte: number;
      readonly outcome: 'waits';
      readonly reason: string;
      readonly detail: string;
    };

/** A start so far after now is of a clock or a zone that is wrong. */
const FUTURE_MS = 86_400_000;
/** So many calls with whole seconds are no chance. */
const ENOUGH_CALLS = 20;

const DOUBTS: Readonly<Record<NoCallDoubt, string>> = {
  'goes-on':
    'what goes on of an outgoing call after a transfer looks the same: have Asterisk write linkedid ' +
    '(newcdrcolumns=yes) and uniqueid (loguniqueid=yes)',
  'short-number':
    'they went to short numbers, which may be services that a carrier bills: name its profile (--profile), or the ' +
    'numbers of phones (--extension)',
};

/** Records that are tried, one after the other, and what they come to. */
export class Trial {
  readonly #classify: Classify;
  readonly #now: number;
  readonly #noCalls = new Map<string, number>();
  readonly #waiting = new Map<string, number>();
  readonly #lines = new Set<string>();
  #received = 0;
  #calls = 0;
  #wholeSeconds = 0;
  #inFuture = 0;
  #noNumbers = 0;
  readonly #doubts = new Map<NoCallDoubt, number>();
  readonly #leading = new LeadingDigits();

  constructor(classify: Classify, now = Date.now()) {
    this.#classify = classify;
    this.#now = now;
  }

  /** @param told why its line pays, where the records of its call say; else the record alone does */
  add(decoded: Decoded, byte: number, told: string | null = null): TriedRecord {
    const no = ++this.#received;
    if (decoded.kind === 'call') return this.#call(decoded, told, no, byte);
    const { reason } = decoded;
    const counts = decoded.kind === 'bad' ? this.#waiting : this.#noCalls;
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
    if (decoded.kind === 'bad') return { no, byte, outcome: 'waits', reason, detail: decoded.detail };
    if (decoded.doubt !== undefined) this.#doubts.set(decoded.doubt, (this.#doubts.get(decoded.doubt) ?? 0) + 1);
    if (decoded.registration !== undefined) return registrationOf(decoded.registration, no, byte);
    return { no, byte, outcome: 'not-a-call', reason };
  }

  #call({ cdr, notes }: DecodedCall, told: string | null, no: number, byte: number): TriedRecord {
    this.#calls++;
    if (cdr.durationMs % 1000 === 0) this.#wholeSeconds++;
    if (cdr.startedAt > this.#now + FUTURE_MS) this.#inFuture++;
    const { payer, why, otherwise } = payerOf(cdr);
    if (this.#lines.size < 10_000) this.#lines.add(payer);
    const classified = this.#classify(cdr.dialled);
    if (classified.kind === 'refusal') this.#noNumbers++;
    this.#leading.add(cdr.dialled, classified, this.#classify);
    return {
      no,
      byte,
      outcome: 'call',
      call: [cdr.switchId, cdr.callId, cdr.legId],
      line: cdr.line,
      payer,
      why: `${told ?? why}${otherwise}`,
      dialled: cdr.dialled,
      number: classified.kind === 'refusal' ? '' : formatNumber(classified.called),
      destination: classified.kind === 'refusal' ? `none: ${classified.reason}` : classified.destination.name,
      answered: new Date(cdr.startedAt).toISOString(),
      durationMs: cdr.durationMs,
      diversions: cdr.diversions,
      transferredBy: cdr.transferredBy,
      userAgent: cdr.userAgent,
      sourceIp: cdr.sourceIp,
      notes,
    };
  }

  counts() {
    return {
      received: this.#received,
      calls: this.#calls,
      notACall: sumOf(this.#noCalls),
      registrations: this.#noCalls.get('registration') ?? 0,
      waiting: sumOf(this.#waiting),
      noCalls: Object.fromEntries(this.#noCalls),
      waitingReasons: Object.fromEntries(this.#waiting),
      payers: this.#lines.size,
    };
  }

  /** What looks as if the settings, or the file, were wrong: each a line for people. */
  warnings(unmatched: readonly UnmatchedName[]): string[] {
    const { received, notACall, registrations, waiting } = this.counts();
    const warnings = unmatched.map(
      ({ setting, name }) => `Warning: --${setting} '${name}' fits no record: calls towards it would be none`,
    );
    if (received === 0) return [...warnings, 'Warning: it holds no record'];
    if (notACall - registrations > 0.95 * received) {
      warnings.push(
        `Warning: no call among ${showCount(notACall)} of ${plural(received, 'record')} (${mostOf(this.#noCalls)}): ` +
          'are the trunks, gateways or the billed leg those of this switch?',
      );
    }
    if (waiting > 0.5 * received) {
      warnings.push(
        `Warning: ${showCount(waiting)} of ${plural(received, 'record')} would wait in quarantine (${mostOf(this.#waiting)})`,
      );
    }
    for (const [doubt, count] of this.#doubts) {
      warnings.push(`Warning: ${plural(count, 'record')} would count as no call, though ${DOUBTS[doubt]}`);
    }
    if (this.#inFuture > 0) {
      warnings.push(
        `Warning: ${plural(this.#inFuture, 'call')} would start more than a day from now: is the zone, or the clock, right?`,
      );
    }
    if (this.#noNumbers > 0.5 * this.#calls) {
      warnings.push(
        `Warning: ${showCount(this.#noNumbers)} of ${plural(this.#calls, 'call')} go to no number of the numbering plan: ` +
          'does a prefix stand before them (--dial-prefix), or are they extensions (--extension)?',
      );
    }
    warnings.push(...this.#leading.warnings(this.#calls));
    if (this.#calls >= ENOUGH_CALLS && this.#wholeSeconds === this.#calls) {
      warnings.push(
        'Warning: every call has whole seconds: the switch rounds, so that a call may be billed a second off',
      );
    }
    return warnings;
  }
}

function registrationOf(
  { line, at, expiry, userAgent, address, contact }: LineRegistration,
  no: number,
  byte: number,
): TriedRecord {
  const registeredAt = at === null ? null : new Date(at).toISOString();
  const until = expiry === 'ended' ? null : 'seconds' in expiry ? expiry.seconds : new Date(expiry.at).toISOString();
  const shown = { userAgent, sourceIp: address, contact };
  return { no, byte, outcome: 'registration', line, registeredAt, expires: until, ...shown };
}

function sumOf(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}

function mostOf(counts: ReadonlyMap<string, number>): string {
  return [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .map(([reason, count]) => `${showCount(count)} ${reason}`)
    .join(', ');
}

/** Who pays, as far as a record alone tells: whose lines they are, only a ledger knows. */
function payerOf({ line, diversions, transferredBy }: DecodedCall['cdr']) {
  const diverter = diversions.at(-1);
  if (diverter !== undefined) {
    const others = [...diversions.slice(0, -1).toReversed(), line].filter((party) => party !== diverter);
    return { payer: diverter, why: 'diverted the call', otherwise: elseOf(others) };
  }
  if (transferredBy !== null)
    return {
      payer: transferredBy,
      why: 'transferred the call',
      otherwise: transferredBy === line ? '' : elseOf([line]),
    };
  return { payer: line, why: 'the switch names it', otherwise: '' };
}

/** Who pays where the payer is no line here. */
function elseOf(others: readonly string[]): string {
  return others.length === 0 ? '' : `; where it is no line here, ${others.join(', else ')}`;
}

function registrationInWords(record: Extract<TriedRecord, { readonly outcome: 'registration' }>): string {
  const { line, registeredAt, expires, userAgent, sourceIp } = record;
  const when = registeredAt ?? 'when the record comes';
  const device = userAgent === '' ? 'an unknown device' : `'${userAgent}'`;
  const what = `'${line}' with ${device} from ${sourceIp === '' ? 'an unknown address' : sourceIp}`;
  if (expires === null) return `of ${what}, ended ${when}`;
  return `of ${what}, ${when}, ${typeof expires === 'number' ? `for ${expires} s` : `until ${expires}`}`;
}

/** The records and the summary as lines for people. */
export function linesOfTrial(format: string, records: readonly TriedRecord[], trial: Trial): string[] {
  const { received, calls, notACall, registrations, waiting, payers } = trial.counts();
  const told = registrations === 0 ? '' : ` (${plural(registrations, 'registration')})`;
  const rest = received - records.length;
  return [
    `Read as ${format}`,
    ...records.flatMap(linesOf),
    ...(rest > 0 ? [`… and ${plural(rest, 'more record')} (--limit)`] : []),
    `${plural(received, 'record')}: ${plural(calls, 'call')} of ${plural(payers, 'payer')}, ` +
      `${showCount(notACall)} no call${told}, ${showCount(waiting)} to wait in quarantine`,
    'Which of the payers are lines, and what a call costs, only a ledger knows: nothing was kept',
  ];
}

function linesOf(record: TriedRecord): string[] {
  switch (record.outcome) {
    case 'not-a-call':
      return [`${record.no}. no call: ${record.reason}`];
    case 'registration':
      return [`${record.no}. registration: ${registrationInWords(record)}`];
    case 'waits':
      return [`${record.no}. waits, ${record.reason}: ${record.detail}`];
    case 'call': {
      const number = record.number === '' ? `'${record.dialled}'` : `${record.number} ('${record.dialled}')`;
      const notes = record.notes.length === 0 ? '' : ` (${record.notes.join(', ')})`;
      return [
        `${record.no}. call: ${record.answered}, ${showDuration(record.durationMs)}, to ${number}, ${record.destination}${notes}`,
        `   ${record.payer} pays: ${record.why}`,
      ];
    }
    default:
      return record satisfies never;
  }
}
