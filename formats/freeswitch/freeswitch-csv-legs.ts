import { type CdrContent, compareText } from '../../rater/index.ts';
import { agreeEitherWay } from '../asterisk/asterisk-channel.ts';
import { ROUNDING_MS } from '../asterisk/asterisk-times.ts';
import { type Leg, REVISIONS_BELOW_ONE, TOLD_ELSEWHERE_FROM } from '../call/leg.ts';
import { type AloneReading, aloneOf } from '../call/alone-reading.ts';
import { callOf } from '../canonical/encode-canonical.ts';
import type { LegReading, ReadLegs } from '../call/leg-reading.ts';
import { MAX_TEXT_LENGTH, quote } from '../canonical/canonical-fields.ts';
import type { BadRecordReason, Decoded } from '../format.ts';

/** What a row of mod_cdr_csv says, with the settings applied. Kept as JSON for as long as the ledger lasts. */
export interface CsvLegSaid {
  readonly uuid: string;
  /** The leg that it names as its other one; `''` where it names none. */
  readonly otherUuid: string;
  /** `inbound` for a caller's leg, `outbound` for one that was made for it; `''` where the template does not say. */
  readonly direction: string;
  /** Its `start_stamp` as it stands: rows of one call are told apart by it. */
  readonly start: string;
  /** What it comes to alone. */
  readonly alone: AloneReading;
}

/**
 * A row as a leg. One that names its other leg is read in that one's group, for the row of the leg that was made for a
 * caller names none (`bleg_uuid`); and is a witness in its own, for a row that names this one may name it, too. One
 * that names none is read in its own. As it is where it can't be kept, or is no call and names none.
 */
export function asCsvLeg(decoded: Decoded, switchId: string, row: Omit<CsvLegSaid, 'alone'>): Decoded {
  const { uuid, direction, start } = row;
  const otherUuid = row.otherUuid === uuid ? '' : row.otherUuid;
  if (otherUuid === '' && decoded.kind === 'not-a-call') return decoded;
  if (switchId.length + uuid.length + otherUuid.length > MAX_TEXT_LENGTH || switchId.includes('\0')) return decoded;
  const evidence = JSON.stringify({ uuid, otherUuid, direction, start, alone: aloneOf(decoded) } satisfies CsvLegSaid);
  const leg: Leg = { family: 'freeswitch-csv', switchId, groupId: uuid, legId: uuid, evidence };
  if (otherUuid === '') return { ...decoded, leg };
  const read = decoded.kind === 'call' ? callOf({ ...decoded.cdr, revision: FIRST_REVISION }, decoded.notes) : decoded;
  return { ...read, leg: { ...leg, groupId: otherUuid }, witnesses: [leg] };
}

/** Of a call of one leg that names another, as far as is known. */
const FIRST_REVISION = TOLD_ELSEWHERE_FROM / REVISIONS_BELOW_ONE;

interface Row {
  readonly leg: Leg;
  readonly said: CsvLegSaid;
  readonly alone: LegReading;
}

interface CallRow extends Row {
  readonly alone: LegReading & { readonly kind: 'call' };
}

/**
 * Reads the rows of a leg, and those that name it: both legs of one call, where the module logs both. The caller's row
 * is the call, which names the other leg where that one's names none; or, where the template tells directions, the one
 * that went out. Talk time is that of the leg that talked least.
 * A row that names one which names another is a call of its own: a leg to a carrier that the caller talked on before.
 * Of a leg that several rows tell of (Master.csv and the account's own file) the fullest row stands for it; a row that
 * contradicts that one is a call of its own, and so the ledger's conflict.
 */
export const readFreeSwitchCsvLegs: ReadLegs = (legs) => {
  const rows = legs.map(rowOf);
  const tellings = Map.groupBy(rows.filter(isCall), ({ said }) => said.uuid);
  const fullest = [...tellings.values()].map((same) => same.toSorted(compareTellings)[0]!);
  const readings = rows.map((row) => readingAmong(row, tellings, fullest));
  const called = new Set(rows.filter((_, index) => readings[index]?.kind === 'call').map(({ said }) => said.uuid));
  return readings.map((reading, index) => {
    const row = rows[index]!;
    return reading.kind === 'call' || !isCall(row) || called.has(row.said.uuid) || isWitness(row)
      ? reading
      : { ...reading, none: row.alone.content };
  });
};

const OTHER_LEG: LegReading = { kind: 'not-a-call', reason: 'other-leg' };

function readingAmong(
  row: Row,
  tellings: ReadonlyMap<string, readonly CallRow[]>,
  fullest: readonly CallRow[],
): LegReading {
  // What it comes to, the group of the leg that it names says.
  if (isWitness(row)) return OTHER_LEG;
  const { uuid } = row.said;
  const stands = fullest.find(({ said }) => said.uuid === uuid);
  const names = (one: string, other: string): boolean =>
    tellings.get(one)?.some(({ said }) => said.otherUuid === other) === true;
  const namesAny = (one: string): boolean => tellings.get(one)?.some(({ said }) => said.otherUuid !== '') === true;
  // One that names nobody says nothing against the row that names it.
  const belong = (one: string, other: string): boolean => names(one, other) && (names(other, one) || !namesAny(other));
  const others = fullest
    .filter(({ said }) => said.uuid !== uuid && (belong(uuid, said.uuid) || belong(said.uuid, uuid)))
    .toSorted(compareRows);
  if (stands === undefined || !isCall(row)) return isExplained(row, others) ? OTHER_LEG : row.alone;
  const callers = others.filter(({ said }) => !names(uuid, said.uuid));
  const isCaller = others.some(({ said }) => !names(said.uuid, uuid));
  const [first] = isCaller ? [stands] : callers.length > 0 ? callers : [stands, ...others].toSorted(compareRows);
  const isToldBetter = stands.leg.evidence !== row.leg.evidence && saysTheSameCall(stands.alone, row.alone);
  if (first !== stands || isToldBetter) return OTHER_LEG;
  return others.reduce<LegReading>(joined, row.alone);
}

/** A row of a leg that names another, in its own group. */
function isWitness({ leg, said }: Row): boolean {
  return said.otherUuid !== '' && leg.groupId === said.uuid;
}

/** Whether a row that is none of a call by itself is of the other leg of one: who pays, its caller's row says. */
function isExplained({ alone }: Row, others: readonly CallRow[]): boolean {
  return alone.kind === 'bad' && LACKING.has(alone.reason) && others.length > 0;
}

const LACKING: ReadonlySet<BadRecordReason> = new Set(['no-line', 'no-number', 'unnamed-trunk']);

function isCall(row: Row): row is CallRow {
  return row.alone.kind === 'call';
}

/** A row that names the other leg first, then the fullest; of equally full ones the one whose text is least. */
function compareTellings(a: CallRow, b: CallRow): number {
  const naming = Number(b.said.otherUuid !== '') - Number(a.said.otherUuid !== '');
  return naming || fullness(b) - fullness(a) || compareText(a.leg.evidence, b.leg.evidence);
}

/** How much a row says of what not every template has. */
function fullness({ said, alone: { content } }: CallRow): number {
  const told = [said.direction, content.calling, content.userAgent, content.sourceIp, content.diversions.at(-1)];
  return told.filter((text) => text !== undefined && text !== null && text !== '').length;
}

/** Whether two rows of one leg agree on who called whom, when and how long. */
function saysTheSameCall({ content: one }: CallRow['alone'], { content: other }: CallRow['alone']): boolean {
  return (
    one.line === other.line &&
    agreeEitherWay(one.dialled, other.dialled) &&
    Math.abs(one.startedAt - other.startedAt) <= ROUNDING_MS &&
    Math.abs(one.durationMs - other.durationMs) <= ROUNDING_MS
  );
}

/** What a row says, for people. */
export function freeSwitchCsvLegText(leg: Leg): string {
  const { said, alone } = rowOf(leg);
  const { uuid, otherUuid, direction, start } = said;
  const what = alone.kind === 'call' ? `line ${alone.content.line}; number ${alone.content.dialled}` : alone.reason;
  return [
    `row ${uuid}`,
    ...(otherUuid === '' ? [] : [`other leg ${otherUuid}`]),
    ...(direction === '' ? [] : [direction]),
    `from ${start}`,
    what,
  ].join('; ');
}

function rowOf(leg: Leg): Row {
  const said: CsvLegSaid = JSON.parse(leg.evidence);
  return { leg, said, alone: readingOf(said.alone) };
}

function readingOf(alone: AloneReading): LegReading {
  if (alone.kind !== 'call') return alone;
  return { ...alone, why: `the row names line ${alone.content.line}` };
}

/** The leg that a carrier bills comes first, as far as the template tells; then the caller's. */
function compareRows(a: Row, b: Row): number {
  const difference = Number(b.said.direction === 'outbound') - Number(a.said.direction === 'outbound');
  return difference || compareText(a.said.start, b.said.start) || compareText(a.said.uuid, b.said.uuid);
}

function joined(call: LegReading, { alone, said }: Row): LegReading {
  if (call.kind !== 'call' || alone.kind !== 'call') return call;
  const [own, other] = [call.content, alone.content];
  if (own.line !== other.line) return contradiction('who pays', own.line, other.line, own, said);
  if (!agreeEitherWay(own.dialled, other.dialled)) {
    return contradiction('the number', own.dialled, other.dialled, own, said);
  }
  const { startedAt, durationMs } = other.durationMs < own.durationMs ? other : own;
  return { ...call, content: { ...own, startedAt, durationMs }, why: `${call.why}; ${said.uuid} is its other leg` };
}

function contradiction(
  what: string,
  one: string,
  another: string,
  { callId }: CdrContent,
  said: CsvLegSaid,
): LegReading {
  const detail =
    `Cannot tell ${what}: leg ${quote(callId)} says ${quote(one)}, and leg ${quote(said.uuid)}, which is its other ` +
    `one, ${quote(another)}`;
  return { kind: 'bad', reason: 'contradiction', detail };
}
