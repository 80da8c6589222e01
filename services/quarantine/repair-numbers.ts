import { recordedCdr } from '../../engine/index.ts';
import {
  addNumberRepair,
  countQuarantine,
  type KeptNumberRepair,
  listNumberRepairs,
  loadNumberRepairs,
  markEveryLineStale,
  markReasonsStale,
  type NumberRepair,
  type NumberRepairsInForce,
  type QuarantineCount,
  registerDestinations,
  waitingQuarantine,
} from '../../ledger/index.ts';
import {
  compileNumberRepairs,
  type Destination,
  formatNumber,
  type NumberingPlan,
  REFUSAL_CODES,
} from '../../tariffs/index.ts';
import type { LedgerAccess, LedgerReading } from '../ledger-access.ts';
import { type Refusal, type Refused, refusal, refusedFor } from '../refusals.ts';
import { type ReadOtherwise, readOtherwise } from './read-otherwise.ts';

/** What somebody says of numbers that the numbering plan refuses, who, and why. */
export interface NumberRepairRequest {
  readonly repair: NumberRepair;
  readonly by: string;
  readonly note: string;
}

/** What a repair would do to what waits. */
export interface TriedRepair {
  readonly kind: 'tried';
  /** Records that wait because of their number. */
  readonly waiting: number;
  /** Of these, those whose number would be read otherwise than now: most of them could be rated then. */
  readonly read: number;
  /** Some of these, as they were dialled and as they would be read. */
  readonly examples: readonly RepairExample[];
  /** What is rated already, and no rule mends. */
  readonly otherwise: ReadOtherwise;
}

export interface RepairExample {
  readonly dialled: string;
  readonly called: string;
  readonly destination: string;
}

/** A repair that is kept, and what came of it. */
export interface RepairedNumbers {
  readonly kind: 'repaired';
  /** Records that waited because of their number and are rated now. */
  readonly rated: number;
  /** What is in quarantine after it. */
  readonly counts: readonly QuarantineCount[];
}

/** The repairs in force, and where a prefix may lead to. */
export interface NumberRepairList {
  readonly repairs: readonly KeptNumberRepair[];
  readonly destinations: readonly Destination[];
}

const EXAMPLES = 5;
const PAGE = 1_000;
const DIGITS = /^\d{2,15}$/;
const LONGEST_SHORT_CODE = 6;
const BEGINNING = /^[\d*#+]{0,15}$/;

export async function listRepairs({ db, plan }: LedgerReading): Promise<NumberRepairList> {
  return { repairs: await listNumberRepairs(db), destinations: plan.destinations };
}

/** What is wrong with a request whatever the ledger holds; `null`: nothing. */
export function checkRepair({ repair, by, note }: NumberRepairRequest): Refused | null {
  const act = 'say how numbers are read';
  return refusedFor([
    ...repairFaults(repair),
    ...(by.trim() === '' ? [refusal('name-missing', { act })] : []),
    ...(note.trim() === '' ? [refusal('reason-missing', { act })] : []),
  ]);
}

/** What a repair would do, without keeping it. */
export async function tryRepair(ledger: LedgerReading, repair: NumberRepair): Promise<TriedRepair | Refused> {
  const { db, plan } = ledger;
  const fault = refusedFor([...repairFaults(repair), ...destinationFaults(repair, plan)]);
  if (fault !== null) return fault;
  const inForce = await loadNumberRepairs(db);
  const now = compileNumberRepairs(plan, inForce.prefixes, inForce.rules);
  const changed = withRepair(inForce, repair);
  const then = compileNumberRepairs(plan, changed.prefixes, changed.rules);
  let waiting = 0;
  let read = 0;
  const examples: RepairExample[] = [];
  for (const reason of REFUSAL_CODES) {
    for (let afterNo = 0; ;) {
      const records = await waitingQuarantine(db, { reason, afterNo, limit: PAGE });
      const last = records.at(-1);
      if (last === undefined) break;
      afterNo = last.no;
      waiting += records.length;
      for (const { cdr } of records) {
        if (cdr === null) continue;
        const { dialled, switchId } = recordedCdr(cdr);
        const refused = plan.classify(dialled);
        if (refused.kind === 'number') continue;
        const before = now.read(dialled, switchId, refused);
        const after = then.read(dialled, switchId, refused);
        if (before.kind === 'number' || after.kind !== 'number') continue;
        read += 1;
        const { called, destination } = after;
        const example = { dialled, called: formatNumber(called), destination: destination.name };
        if (examples.length < EXAMPLES) examples.push(example);
      }
    }
  }
  return { kind: 'tried', waiting, read, examples, otherwise: await readOtherwise(ledger, repair) };
}

/**
 * Keeps a repair, for good, and rates what waited for it. A number that the plan reads is read by the plan alone, so a
 * new repair changes no rated call. One that takes another's place, or takes it back, has every line judged again:
 * calls that were rated by it are then read anew, or wait.
 */
export async function repairNumbers(
  ledger: LedgerAccess,
  request: NumberRepairRequest,
): Promise<RepairedNumbers | Refused> {
  const { db, engine, plan } = ledger;
  const { repair, by, note } = request;
  const fault = checkRepair(request) ?? refusedFor(destinationFaults(repair, plan));
  if (fault !== null) return fault;
  await engine.catchUp();
  const before = ratedOf(await countQuarantine(db));
  await engine.changeCatalogue(async (tx) => {
    const replaces = (await listNumberRepairs(tx)).some((kept) => hasSameKey(kept.repair, repair));
    await registerDestinations(
      tx,
      plan.destinations.map(({ name }) => name),
    );
    await addNumberRepair(tx, { repair, takenBy: by, note });
    await markReasonsStale(tx, REFUSAL_CODES);
    if (replaces) await markEveryLineStale(tx);
  });
  await engine.catchUp();
  const counts = await countQuarantine(db);
  return { kind: 'repaired', rated: Math.max(0, ratedOf(counts) - before), counts };
}

/** Records that waited because of their number, and are rated. */
function ratedOf(counts: readonly QuarantineCount[]): number {
  return counts
    .filter(({ reason, state }) => state === 'rated' && REFUSAL_CODES.some((code) => code === reason))
    .reduce((sum, { records }) => sum + records, 0);
}

function repairFaults(repair: NumberRepair): Refusal[] {
  const { prefix } = repair;
  if (repair.kind === 'dialled') {
    const { replacement } = repair;
    const isUsable = BEGINNING.test(prefix) && BEGINNING.test(replacement ?? '') && prefix !== replacement;
    return isUsable ? [] : [refusal('dial-rule-unusable', { prefix, replacement: replacement ?? '' })];
  }
  const { length } = repair;
  const isShort = length <= LONGEST_SHORT_CODE;
  const isUsable =
    DIGITS.test(prefix) && (isShort ? prefix.length === length : prefix.length <= length && length <= 15);
  // A country code alone would take in all that is wrong in a country.
  const isNarrow = isShort || prefix.length >= 4;
  return isUsable && isNarrow ? [] : [refusal('number-prefix-unusable', { prefix, length: String(length) })];
}

function destinationFaults(repair: NumberRepair, { destinations }: NumberingPlan): Refusal[] {
  if (repair.kind !== 'prefix' || repair.destination === null) return [];
  const { destination } = repair;
  return destinations.some(({ name }) => name === destination) ? [] : [refusal('destination-unknown', { destination })];
}

function withRepair({ prefixes, rules }: NumberRepairsInForce, repair: NumberRepair): NumberRepairsInForce {
  if (repair.kind === 'prefix') {
    const { destination } = repair;
    const others = prefixes.filter((each) => !hasSameKey({ ...each, kind: 'prefix' }, repair));
    return { rules, prefixes: destination === null ? others : [...others, { ...repair, destination }] };
  }
  const { replacement } = repair;
  const others = rules.filter((each) => !hasSameKey({ ...each, kind: 'dialled' }, repair));
  return { prefixes, rules: replacement === null ? others : [...others, { ...repair, replacement }] };
}

/** Whether two say something of the same: the later one counts. */
function hasSameKey(a: NumberRepair, b: NumberRepair): boolean {
  if (a.prefix !== b.prefix) return false;
  if (a.kind === 'prefix') return b.kind === 'prefix' && a.length === b.length;
  return b.kind === 'dialled' && a.switchId === b.switchId;
}
