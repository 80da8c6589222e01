import type { AddedPrefix, DialRule } from '../../tariffs/index.ts';
import type { Queryable, Transaction } from '../database/database.ts';

/** What somebody says of numbers that the numbering plan refuses, and why; kept for good. The last of a key counts. */
export interface NewNumberRepair {
  readonly repair: NumberRepair;
  readonly takenBy: string;
  readonly note: string;
}

/** A prefix with where it leads, or a rule of a switch; with `null` it holds no more. */
export type NumberRepair =
  | ({ readonly kind: 'prefix'; readonly destination: string | null } & Omit<AddedPrefix, 'destination'>)
  | ({ readonly kind: 'dialled'; readonly replacement: string | null } & Omit<DialRule, 'replacement'>);

/** A repair that is in force. */
export interface KeptNumberRepair extends NewNumberRepair {
  readonly no: number;
  /** ms since the epoch. */
  readonly takenAt: number;
}

/** What is in force, apart by kind. */
export interface NumberRepairsInForce {
  readonly prefixes: readonly AddedPrefix[];
  readonly rules: readonly DialRule[];
}

/** Keeps a repair, in the transaction that marks what it may repair. The destination must be registered. */
export async function addNumberRepair(tx: Transaction, { repair, takenBy, note }: NewNumberRepair): Promise<void> {
  const isPrefix = repair.kind === 'prefix';
  await tx.query(
    `insert into number_repair (kind, begins, digits, destination, switch, replacement, taken_by, note)
     values ($1, $2, $3, (select no from destination where name = $4), $5, $6, $7, $8)`,
    [
      repair.kind,
      repair.prefix,
      isPrefix ? repair.length : null,
      isPrefix ? repair.destination : null,
      isPrefix ? null : repair.switchId,
      isPrefix ? null : repair.replacement,
      takenBy,
      note,
    ],
  );
}

/** The repairs in force, in the order in which they were entered. */
export async function listNumberRepairs(q: Queryable): Promise<KeptNumberRepair[]> {
  const rows = await q.query<RepairRow>(
    `select r.no, r.kind, r.begins, r.digits, d.name as destination, r.switch, r.replacement,
            r.taken_by as "takenBy", r.note, r.taken_at as "takenAt"
     from (select distinct on (kind, begins, digits, switch) * from number_repair
           order by kind, begins, digits, switch, no desc) r
     left join destination d on d.no = r.destination
     where r.destination is not null or r.replacement is not null
     order by r.no`,
  );
  return rows.map(({ no, takenBy, note, takenAt, ...row }) => ({
    no: Number(no),
    repair: repairOf(row),
    takenBy,
    note,
    takenAt,
  }));
}

/** What numbers are read with that the plan refuses. */
export async function loadNumberRepairs(q: Queryable): Promise<NumberRepairsInForce> {
  const repairs = (await listNumberRepairs(q)).map(({ repair }) => repair);
  return {
    prefixes: repairs.flatMap((each) =>
      each.kind === 'prefix' && each.destination !== null ? [{ ...each, destination: each.destination }] : [],
    ),
    rules: repairs.flatMap((each) =>
      each.kind === 'dialled' && each.replacement !== null ? [{ ...each, replacement: each.replacement }] : [],
    ),
  };
}

interface RepairRow {
  readonly no: bigint;
  readonly kind: 'prefix' | 'dialled';
  readonly begins: string;
  readonly digits: number | null;
  readonly destination: string | null;
  readonly switch: string | null;
  readonly replacement: string | null;
  readonly takenBy: string;
  readonly note: string;
  readonly takenAt: number;
}

type RepairOfRow = Omit<RepairRow, 'no' | 'takenBy' | 'note' | 'takenAt'>;

function repairOf({ kind, begins: prefix, digits, destination, switch: switchId, replacement }: RepairOfRow) {
  return kind === 'prefix'
    ? { kind, prefix, length: digits ?? prefix.length, destination }
    : { kind, prefix, switchId, replacement };
}
