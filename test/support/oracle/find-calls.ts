import type { Cdr } from '../../../rater/call/cdr.ts';
import type { Line, LineSpan } from '../../../rater/line/line.ts';
import { civilMonth } from './civil-month.ts';
import { devicesOf, registeredAt } from './registered.ts';
import { deckInForce, deckRowOf, naivePrice } from './naive-deck.ts';
import type { FoundCall, NoCallSpelling, OracleInput, OracleRecord, OracleRejected } from './oracle-types.ts';
import { canonicalContent, contentHash, identityText } from './record-content.ts';

/** The zone of a call that is under no offer. */
const DEFAULT_ZONE = 'Europe/Paris';

function spanAt(line: Line, at: number): LineSpan | null {
  return line.spans.find((span) => span.from <= at && at < span.to) ?? null;
}

/** The line that a text of a record names: by its permanent id, else by its number in force then, in any notation. */
function lineNamed(input: Pick<OracleInput, 'lines' | 'classify'>, text: string, at: number): Line | null {
  const byId = input.lines.find((line) => line.id === text);
  if (byId !== undefined) return byId;
  const classified = input.classify(text);
  if ('refusal' in classified) return null;
  const holders = input.lines.filter((line) => spanAt(line, at)?.number === classified.called);
  if (holders.length > 1)
    throw new Error(`Cannot resolve number "${classified.called}": several lines have it at ${at}`);
  return holders[0] ?? null;
}

/** Whose call a record is: the last diverter that is ours, else the transferor, else the line; `null` when nobody's. */
export function ownerOf(
  input: Pick<OracleInput, 'lines' | 'classify'>,
  cdr: Cdr,
): { readonly line: Line; readonly forwarded: boolean } | null {
  for (const diverter of cdr.diversions.toReversed()) {
    const line = lineNamed(input, diverter, cdr.startedAt);
    if (line !== null) return { line, forwarded: true };
  }
  const transferor = cdr.transferredBy === null ? null : lineNamed(input, cdr.transferredBy, cdr.startedAt);
  const line = transferor ?? lineNamed(input, cdr.line, cdr.startedAt);
  return line === null ? null : { line, forwarded: false };
}

/** Everything that a record leads to, or why it leads nowhere. */
function findCall(input: OracleInput, cdr: Cdr): FoundCall | OracleRejected {
  const name = { identity: identityText(cdr), contentHash: contentHash(cdr) };
  const owner = ownerOf(input, cdr);
  const span = owner === null ? null : spanAt(owner.line, cdr.startedAt);
  if (owner === null || span === null) return { ...name, reason: 'unknown-line' };
  const number = input.classify(cdr.dialled);
  if ('refusal' in number) return { ...name, reason: number.refusal };
  const priced = priceOf(input, cdr, number);
  if (priced === null) return { ...name, reason: 'no-rate' };
  const offer = span.offer === null ? null : (input.offers.find((candidate) => candidate.id === span.offer) ?? null);
  if (span.offer !== null && offer === null)
    throw new Error(`Cannot judge line "${owner.line.id}": no "${span.offer}"`);
  const period = civilMonth(offer?.timeZone ?? DEFAULT_ZONE, cdr.startedAt);
  const devices = devicesOf(cdr, registeredAt(input, owner.line, span.number, cdr.startedAt));
  return { ...name, ...number, ...owner, ...priced, cdr, span, offer, devices, period };
}

/** The metered price of a call, whatever its coverage; free calls have none and need no row of the deck. */
function priceOf(
  input: OracleInput,
  cdr: Cdr,
  number: { readonly called: number; readonly destinationName: string; readonly destinationClass: string },
): { readonly billedSeconds: number; readonly meteredPrice: string } | null {
  if (number.destinationClass === 'emergency' || number.destinationClass === 'toll-free') {
    return { billedSeconds: 0, meteredPrice: '0.000000' };
  }
  const row = deckRowOf(deckInForce(input, cdr.startedAt), number.called, number.destinationName, cdr.startedAt);
  if (row === null) return null;
  const { billedSeconds, price } = naivePrice(row, cdr.durationMs);
  return { billedSeconds, meteredPrice: price };
}

/** A record that competes for its identity: a call, or `null` where it says that there was none. */
interface Claim {
  readonly record: OracleRecord;
  readonly contentHash: string;
  readonly call: FoundCall | null;
}

/**
 * Orders the records of one identity by which counts: highest revision, no call at all, least duration, smallest
 * hash.
 */
function compareClaims(a: Claim, b: Claim): number {
  return (
    b.record.revision - a.record.revision ||
    Number(a.call !== null) - Number(b.call !== null) ||
    a.record.durationMs - b.record.durationMs ||
    (a.contentHash < b.contentHash ? -1 : a.contentHash > b.contentHash ? 1 : 0) ||
    (canonicalContent(a.record) < canonicalContent(b.record) ? -1 : 1)
  );
}

const NO_CALL_REASONS: Readonly<Record<NoCallSpelling, string>> = {
  unanswered: 'unanswered',
  attempt: 'unanswered',
  interim: 'interim',
  inbound: 'inbound',
  internal: 'internal',
};

/** Canonical order of rejected records. */
function compareRejected(a: OracleRejected, b: OracleRejected): number {
  const texts = [a, b].map((one) => JSON.stringify([one.identity, one.reason, one.contentHash]));
  return (texts[0] ?? '') < (texts[1] ?? '') ? -1 : 1;
}

const DAY = 24 * 60 * 60 * 1_000;

/**
 * The contents that came at least once within reach of their start: at most 400 days after it, and at most a day
 * before it.
 */
function believableContents({ records, receivedAt = [] }: OracleInput): Set<string> {
  const near = records.filter(({ startedAt }, index) => {
    const received = receivedAt[index] ?? null;
    return received === null || (received - startedAt <= 400 * DAY && startedAt - received <= DAY);
  });
  return new Set(near.map(canonicalContent));
}

function implausible(cdr: Cdr): OracleRejected {
  return { identity: identityText(cdr), contentHash: contentHash(cdr), reason: 'start-implausible' };
}

export interface FoundCalls {
  readonly calls: readonly FoundCall[];
  readonly quarantine: readonly OracleRejected[];
  readonly superseded: readonly OracleRejected[];
  readonly noCalls: readonly OracleRejected[];
  readonly duplicates: number;
}

/**
 * Looks every record up and settles which one of each identity counts. A record that leads nowhere (no line, no
 * number) waits for its own reason and does not compete: it neither replaces nor hinders one that can be rated; where
 * a later revision counts, nobody waits for it any more. One that says that there was no call competes as any other, if
 * it has a revision; without one it is counted, and that is all.
 */
export function findCalls(input: OracleInput): FoundCalls {
  const records = input.records.filter(({ noCall, revision }) => noCall === undefined || revision > 0);
  const distinct = new Map(records.map((cdr) => [canonicalContent(cdr), cdr]));
  const believable = believableContents(input);
  const stranded: { readonly record: Cdr; readonly rejected: OracleRejected }[] = [];
  const quarantine: OracleRejected[] = [];
  const superseded: OracleRejected[] = [];
  const noCalls: OracleRejected[] = [];
  const claims = new Map<string, Claim[]>();
  for (const record of distinct.values()) {
    const isPlausible = believable.has(canonicalContent(record));
    const found = record.noCall !== undefined ? null : isPlausible ? findCall(input, record) : implausible(record);
    if (found !== null && 'reason' in found) {
      stranded.push({ record, rejected: found });
      continue;
    }
    const identity = identityText(record);
    const claim = { record, contentHash: contentHash(record), call: found };
    claims.set(identity, [...(claims.get(identity) ?? []), claim]);
  }
  const calls: FoundCall[] = [];
  for (const [identity, rivals] of claims) {
    const [winner, ...others] = rivals.toSorted(compareClaims);
    if (winner === undefined) continue;
    const noCallOf = ({ record, contentHash: hash }: Claim): OracleRejected => {
      return { identity, contentHash: hash, reason: NO_CALL_REASONS[record.noCall ?? 'unanswered'] };
    };
    if (winner.call === null) noCalls.push(noCallOf(winner));
    else calls.push(winner.call);
    for (const other of others) {
      const { contentHash: hash } = other;
      if (other.record.revision < winner.record.revision) {
        superseded.push({ identity, contentHash: hash, reason: 'superseded' });
      } else if (other.call === null) noCalls.push(noCallOf(other));
      else quarantine.push({ identity, contentHash: hash, reason: 'conflict' });
    }
  }
  for (const { record, rejected } of stranded) {
    const rivals = (claims.get(rejected.identity) ?? []).map((claim) => claim.record.revision);
    if (!rivals.some((revision) => revision > record.revision)) quarantine.push(rejected);
    else if (rejected.reason === 'start-implausible') superseded.push(rejected);
    else superseded.push({ ...rejected, reason: 'superseded' });
  }
  return {
    calls,
    quarantine: quarantine.toSorted(compareRejected),
    superseded: superseded.toSorted(compareRejected),
    noCalls: noCalls.toSorted(compareRejected),
    duplicates: records.length - distinct.size,
  };
}
