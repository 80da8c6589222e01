import { loadLines } from '../../ledger/index.ts';
import type { Line } from '../../rater/index.ts';
import type { LedgerAccess } from '../ledger-access.ts';
import { type Refused, refusal, refused } from '../refusals.ts';
import { type EditFaults, type GivenFacts, type GivenLine, editLines } from './edit-lines.ts';
import type { ImportedLines } from './import-lines.ts';
import { inForceText } from './in-force.ts';

/** What changes of a line from an instant on; what is left out stays as it is. */
export interface DatedChange {
  readonly line: string;
  /** ms since the epoch. */
  readonly from: number;
  readonly number?: string | null | undefined;
  readonly offer?: string | null | undefined;
  readonly usageClass?: string | undefined;
  readonly mobility?: string | undefined;
  readonly equipment?: string | undefined;
  /** The user agents of all its managed phones from then on: others end then. */
  readonly devices?: readonly string[] | undefined;
  /** All networks of its sites from then on, as CIDR: others end then. */
  readonly networks?: readonly string[] | undefined;
  /** The line ends then. */
  readonly ends?: boolean | undefined;
  /** What the line is believed to be; where it is not, nothing is stored. As it is now where nothing is said. */
  readonly seen?: Line | undefined;
  readonly by: string;
  readonly note?: string | undefined;
}

/**
 * Changes facts of a line from an instant on, up to where those that are in force then end. The line must be in force
 * then; a line that ends loses what was entered for later, too. Faults are named by the fields of the change.
 */
export async function changeLine(
  ledger: LedgerAccess,
  change: DatedChange,
): Promise<ImportedLines | EditFaults | Refused> {
  const { line: id, from, by, note } = change;
  const line = change.seen ?? (await loadLines(ledger.db, { ids: [id] }))[0];
  if (line === undefined) return refused(refusal('line-unknown', { line: id }));
  if (inForceAt(line, from) === undefined) {
    return refused(refusal('line-not-in-force', { line: id, at: text(from), inForce: inForceText(line.spans) }));
  }
  const given = change.ends === true ? endedLine(line, from) : changedLine(line, change);
  const edited = await editLines(ledger, { accounts: [], lines: [given], by, note, expected: [line] });
  if (edited.kind !== 'edit-faults') return edited;
  const faults = edited.faults.map(({ pointer, problem }) => ({ pointer: changePointer(pointer), problem }));
  return { kind: 'edit-faults', faults };
}

function inForceAt({ spans }: Line, from: number): Line['spans'][number] | undefined {
  return spans.find((span) => span.from <= from && from < span.to);
}

/** `/lines/0/spans/2/offer` is `/offer` of the change, `/lines/0/devices/1/userAgent` is `/devices`. */
function changePointer(pointer: string): string {
  return pointer.replace(/^\/lines\/0(?:\/spans\/\d+)?/, '').replace(/^\/(devices|networks)\/.*$/, '/$1');
}

function endedLine({ id, account, spans, devices, networks }: Line, from: number): GivenLine {
  const cut = <Span extends { from: number; to: number }>(all: readonly Span[]): readonly Span[] =>
    all.filter((span) => span.from < from).map((span) => ({ ...span, to: Math.min(span.to, from) }));
  return {
    id,
    account,
    spans: cut(spans).map(givenSpan),
    devices: cut(devices).map(({ userAgent, ...span }) => ({ ...isoSpan(span), userAgent })),
    networks: cut(networks).map(({ cidr, ...span }) => ({ ...isoSpan(span), cidr })),
  };
}

function changedLine(line: Line, change: DatedChange): GivenLine {
  const { from, devices, networks } = change;
  const phones = line.devices.map(({ userAgent: what, ...span }) => ({ what, ...span }));
  const sites = line.networks.map(({ cidr: what, ...span }) => ({ what, ...span }));
  return {
    id: line.id,
    account: line.account,
    spans: changedSpans(line, change),
    devices: namedFrom(phones, from, devices).map(({ what, ...span }) => ({ ...isoSpan(span), userAgent: what })),
    networks: namedFrom(sites, from, networks).map(({ what, ...span }) => ({ ...isoSpan(span), cidr: what })),
  };
}

function changedSpans(line: Line, change: DatedChange): GivenFacts[] {
  const { from, number, offer, usageClass, mobility, equipment } = change;
  const facts = defined({ number, offer, usageClass, mobility, equipment });
  const inForce = inForceAt(line, from);
  if (inForce === undefined || Object.keys(facts).length === 0) return line.spans.map(givenSpan);
  const before = line.spans.filter((span) => span.to <= from).map(givenSpan);
  const after = line.spans.filter((span) => span.from > from).map(givenSpan);
  const until = inForce.from < from ? [{ ...givenSpan(inForce), to: text(from) }] : [];
  const next = { ...givenSpan(inForce), ...facts, usageClass: usageClass ?? inForce.usageClass, from: text(from) };
  return [...before, ...until, next, ...after];
}

interface Named {
  readonly what: string;
  readonly from: number;
  readonly to: number;
}

/**
 * Devices or networks of which those that are named are in force from an instant on, and no others, up to what was
 * entered for later, which stays. Nothing changes where none are said.
 */
function namedFrom(spans: readonly Named[], from: number, said: readonly string[] | undefined): readonly Named[] {
  if (said === undefined) return spans;
  const named = new Set(said);
  const isInForce = (span: Named): boolean => span.from <= from && from < span.to;
  const kept = spans.flatMap((span) => {
    if (!isInForce(span) || named.has(span.what)) return [span];
    return span.from < from ? [{ ...span, to: from }] : [];
  });
  const lasting = new Set(spans.filter(isInForce).map(({ what }) => what));
  const added = [...named]
    .filter((what) => !lasting.has(what))
    .map((what): Named => {
      const later = spans.filter((span) => span.what === what && span.from > from).map((span) => span.from);
      return { what, from, to: Math.min(Infinity, ...later) };
    });
  return [...kept, ...added];
}

function defined<T extends object>(facts: T): Partial<T> {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)) as Partial<T>;
}

function text(instant: number): string {
  return new Date(instant).toISOString();
}

function isoSpan({ from, to }: { readonly from: number; readonly to: number }): { from: string; to: string | null } {
  return { from: text(from), to: to === Infinity ? null : text(to) };
}

function givenSpan({ from, to, number, offer, usageClass, mobility, equipment }: Line['spans'][number]): GivenFacts {
  return {
    ...isoSpan({ from, to }),
    number: number === null ? null : `+${number}`,
    offer,
    usageClass,
    mobility,
    equipment,
  };
}
