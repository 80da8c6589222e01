import type { Cdr, NoCall } from '../../rater/index.ts';
import { bad, noNotes, notACall, type BadRecordReason, type Decoded, type NotACallReason } from '../format.ts';
import { isAddress, isKeptAddress } from '../reading/ip-address.ts';
import { parseIsoText, parseKeptIsoText } from '../reading/iso-instant.ts';
import { shownJson } from '../reading/shown-json.ts';

/** The fields of the canonical CDR, version 1, in canonical order. `docs/reference/cdr-formats.md` describes each. */
export const canonicalFieldNames = [
  'v',
  'switch',
  'call',
  'leg',
  'line',
  'to',
  'from',
  'answered',
  'durationMs',
  'ua',
  'ip',
  'diversions',
  'transferredBy',
  'mobility',
  'revision',
  'kind',
] as const;
export type CanonicalFieldName = (typeof canonicalFieldNames)[number];

export const requiredFieldNames: readonly CanonicalFieldName[] = [
  'v',
  'switch',
  'call',
  'line',
  'to',
  'answered',
  'durationMs',
];

/** Longest text of a field, in UTF-16 units: longer ones are attacks or bugs. */
export const MAX_TEXT_LENGTH = 1024;
/** Longest call, 7 days: above it a dialog is stuck or a field is in another unit. */
export const MAX_DURATION_MS = 604_800_000;
/** More diverters than this is a loop. */
export const MAX_DIVERSIONS = 32;
export const MAX_REVISION = 2_147_483_647;

const knownNames: ReadonlySet<string> = new Set(canonicalFieldNames);

/** Thrown and caught inside this file only: the first fault of a record, in the order of `canonicalFieldNames`. */
class FieldFault extends Error {
  readonly reason: BadRecordReason;
  constructor(reason: BadRecordReason, detail: string) {
    super(detail);
    this.reason = reason;
  }
}

export type CanonicalValues = Readonly<Record<string, unknown>>;

/** What a value must look like where earlier versions were less strict. */
export interface ValueReading {
  instant(text: string): number | null;
  isAddress(text: string): boolean;
  /** Whether a revision may be below 1: that of a call that was read from several records. */
  readonly hasReadings: boolean;
}

/** Of a record that comes. */
export const STRICT: ValueReading = { instant: parseIsoText, isAddress, hasReadings: false };
/** Of a record that was accepted before, perhaps by an earlier version: what was read once is read for ever. */
export const KEPT: ValueReading = { instant: parseKeptIsoText, isAddress: isKeptAddress, hasReadings: true };

/**
 * Validates the fields of one canonical record, as JSON values, and makes the call of them.
 * `record` says where the record's canonical bytes lie.
 */
export function decodeCanonicalValues(
  values: CanonicalValues,
  record: Pick<Cdr, RecordField>,
  reading: ValueReading = STRICT,
): Decoded {
  try {
    return readValues(values, record, reading);
  } catch (error) {
    if (error instanceof FieldFault) return bad(error.reason, error.message);
    throw error;
  }
}

export type RecordField = 'recordBuffer' | 'recordStart' | 'recordEnd';

function readValues(values: CanonicalValues, record: Pick<Cdr, RecordField>, reading: ValueReading): Decoded {
  checkNames(values);
  const switchId = requiredText(values, 'switch');
  const callId = requiredText(values, 'call');
  const legId = optionalText(values, 'leg') ?? '';
  const line = requiredText(values, 'line');
  const dialled = text('to', values['to']);
  const calling = optionalText(values, 'from');
  const startedAt = instantOrNull(values, reading);
  const durationMs = integer('durationMs', values['durationMs'], MAX_DURATION_MS);
  const userAgent = optionalText(values, 'ua');
  const sourceIp = ipAddress(values, reading);
  const diversions = texts(values['diversions']);
  const transferredBy = optionalText(values, 'transferredBy');
  const mobilityUsed = claim(values['mobility']);
  const revision = revisionIn(values['revision'], reading);
  const nonCall = nonCallReason(values['kind']);
  const { recordBuffer, recordStart, recordEnd } = record;
  if (nonCall !== null || startedAt === null) {
    const reason = nonCall ?? 'unanswered';
    // Without a revision it corrects nothing: it is one of the records that are no call, a third of real traffic.
    if (revision === 0) return notACall(reason);
    const correction: NoCall = {
      switchId,
      callId,
      legId,
      revision,
      line,
      dialled,
      calling,
      startedAt,
      durationMs,
      userAgent,
      sourceIp,
      diversions,
      transferredBy,
      mobilityUsed,
      recordBuffer,
      recordStart,
      recordEnd,
      kind: optionalText(values, 'kind'),
      noCallReason: reason,
    };
    return { kind: 'not-a-call', reason, correction };
  }
  const cdr: Cdr = {
    switchId,
    callId,
    legId,
    revision,
    line,
    dialled,
    calling,
    startedAt,
    durationMs,
    userAgent,
    sourceIp,
    diversions,
    transferredBy,
    mobilityUsed,
    recordBuffer,
    recordStart,
    recordEnd,
  };
  return { kind: 'call', cdr, notes: noNotes };
}

function checkNames(values: CanonicalValues): void {
  const version = values['v'];
  if (version !== undefined && version !== 1) {
    throw new FieldFault(
      'unsupported-version',
      `Cannot read a record of version ${quote(version)}: only version 1 is known`,
    );
  }
  for (const name of Object.keys(values)) {
    if (!knownNames.has(name))
      throw new FieldFault('unknown-field', `Cannot read the record: field ${quote(name)} is unknown`);
  }
  for (const name of requiredFieldNames) {
    if (values[name] === undefined)
      throw new FieldFault('missing-field', `Cannot read the record: field '${name}' is missing`);
  }
}

function invalid(name: CanonicalFieldName, value: unknown, expected: string): FieldFault {
  return new FieldFault('invalid-field', `Cannot read field '${name}': ${quote(value)} is not ${expected}`);
}

function text(name: CanonicalFieldName, value: unknown): string {
  if (typeof value !== 'string') throw invalid(name, value, 'a text');
  if (value.length > MAX_TEXT_LENGTH) throw invalid(name, value, `a text of at most ${MAX_TEXT_LENGTH} characters`);
  if (value.includes('\0') || !value.isWellFormed())
    throw invalid(name, value, 'a text without NUL and lone surrogates');
  return value;
}

function requiredText(values: CanonicalValues, name: CanonicalFieldName): string {
  const value = text(name, values[name]);
  if (value === '') throw invalid(name, value, 'a text of at least one character');
  return value;
}

/** Absent, `null` and `''` all mean that the switch says nothing. */
function optionalText(values: CanonicalValues, name: CanonicalFieldName): string | null {
  const value = values[name];
  if (isAbsent(value)) return null;
  return text(name, value) || null;
}

function instantOrNull(values: CanonicalValues, reading: ValueReading): number | null {
  const value = values['answered'];
  if (value === null) return null;
  const instant = typeof value === 'string' ? reading.instant(value) : null;
  if (instant === null) {
    throw invalid('answered', value, 'an ISO 8601 instant with Z or an offset, to the millisecond, from 2001 to 2059');
  }
  return instant;
}

/** What several records of a call say together has one below 1; what comes from outside is whole. */
function revisionIn(value: unknown, { hasReadings }: ValueReading): number {
  if (isAbsent(value)) return 0;
  if (hasReadings && typeof value === 'number' && value > 0 && value < 1) return value;
  return integer('revision', value, MAX_REVISION);
}

function integer(name: CanonicalFieldName, value: unknown, max: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > max) {
    throw invalid(name, value, `a whole number from 0 to ${max}`);
  }
  return value + 0;
}

/** An address that is none would look like a foreign network to the mobility condition, so it is a fault. */
function ipAddress(values: CanonicalValues, reading: ValueReading): string | null {
  const value = optionalText(values, 'ip');
  if (value !== null && !reading.isAddress(value)) {
    throw invalid('ip', value, 'an IPv4 or IPv6 address without port and zone');
  }
  return value;
}

function texts(value: unknown): readonly string[] {
  if (isAbsent(value)) return noTexts;
  if (!Array.isArray(value) || value.length > MAX_DIVERSIONS) {
    throw invalid('diversions', value, `a list of at most ${MAX_DIVERSIONS} texts`);
  }
  return value.length === 0 ? noTexts : value.map((item: unknown) => requiredText({ diversions: item }, 'diversions'));
}

export const noTexts: readonly string[] = [];

function claim(value: unknown): boolean | null {
  if (isAbsent(value)) return null;
  if (typeof value !== 'boolean') throw invalid('mobility', value, 'true, false or null');
  return value;
}

function nonCallReason(kind: unknown): NotACallReason | null {
  switch (kind) {
    case undefined:
    case null:
    case 'call':
      return null;
    case 'attempt':
      return 'unanswered';
    case 'interim':
    case 'inbound':
    case 'internal':
    case 'undecided':
      return kind;
    default:
      throw invalid('kind', kind, "'call', 'attempt', 'interim', 'inbound', 'internal' or 'undecided'");
  }
}

function isAbsent(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

/** A value as it stands in a message: quoted, cut at 80 characters, safe on a terminal. */
export function quote(value: unknown): string {
  const shown = typeof value === 'string' ? value : shownJson(value);
  const cut = shown.length > 80 ? `${shown.slice(0, 80)}…` : shown;
  // oxlint-disable-next-line no-control-regex -- control characters are what is removed
  return `'${cut.toWellFormed().replace(/[\u0000-\u001f\u007f-\u009f]/g, '\uFFFD')}'`;
}
