import type { Cdr } from '../../../rater/cdr.ts';
import type { Line, LineSpan } from '../../../rater/line.ts';
import { civilMonth } from './civil-month.ts';
import { deckRowOf, naivePrice } from './naive-deck.ts';
import type { FoundCall, OracleInput, OracleRejected } from './oracle-types.ts';
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
  if (priced === null) return { ...name, reason: 'no-price' };
  const offer = span.offer === null ? null : (input.offers.find((candidate) => candidate.id === span.offer) ?? null);
  if (span.offer !== null && offer === null)
    throw new Error(`Cannot judge line "${owner.line.id}": no "${span.offer}"`);
  const period = civilMonth(offer?.timeZone ?? DEFAULT_ZONE, cdr.startedAt);
  return { ...name, ...number, ...owner, ...priced, cdr, span, offer, period };
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
  const row = deckRowOf(input.deck, number.called, number.destinationName, cdr.startedAt);
  if (row === null) return null;
  const { billedSeconds, price } = naivePrice(row, cdr.durationMs);
  return { billedSeconds, meteredPrice: price };
}

/** Orders the records of one identity by which is billed: highest revision, then least duration, then smallest hash. */
function compareClaims(a: FoundCall, b: FoundCall): number {
  return (
    b.cdr.revision - a.cdr.revision ||
    a.cdr.durationMs - b.cdr.durationMs ||
    (a.contentHash < b.contentHash ? -1 : a.contentHash > b.contentHash ? 1 : 0)
  );
}

/** Canonical order of rejected records. */
function compareRejected(a: OracleRejected, b: OracleRejected): number {
  const texts = [a, b].map((one) => JSON.stringify([one.identity, one.reason, one.contentHash]));
  return (texts[0] ?? '') < (texts[1] ?? '') ? -1 : 1;
}

const DAY = 24 * 60 * 60 * 1_000;

/** The contents that came at least once within reach of their start: at most 400 days after it, and at most a day before it. */
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
  readonly duplicates: number;
}

/**
 * Looks every record up and settles which one of each identity is the call. A record that leads nowhere (no line, no
 * number) waits for its own reason and does not compete: it neither replaces nor hinders one that can be rated.
 */
export function findCalls(input: OracleInput): FoundCalls {
  const distinct = new Map(input.records.map((cdr) => [canonicalContent(cdr), cdr]));
  const believable = believableContents(input);
  const quarantine: OracleRejected[] = [];
  const superseded: OracleRejected[] = [];
  const claims = new Map<string, FoundCall[]>();
  for (const cdr of distinct.values()) {
    const found = believable.has(canonicalContent(cdr)) ? findCall(input, cdr) : implausible(cdr);
    if ('reason' in found) quarantine.push(found);
    else claims.set(found.identity, [...(claims.get(found.identity) ?? []), found]);
  }
  const calls: FoundCall[] = [];
  for (const rivals of claims.values()) {
    const [call, ...others] = rivals.toSorted(compareClaims);
    if (call === undefined) continue;
    calls.push(call);
    for (const { identity, contentHash: hash, cdr } of others) {
      if (cdr.revision < call.cdr.revision) superseded.push({ identity, contentHash: hash, reason: 'superseded' });
      else quarantine.push({ identity, contentHash: hash, reason: 'conflict' });
    }
  }
  return {
    calls,
    quarantine: quarantine.toSorted(compareRejected),
    superseded: superseded.toSorted(compareRejected),
    duplicates: input.records.length - distinct.size,
  };
}
