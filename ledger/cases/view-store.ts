import type { Queryable } from '../database/database.ts';

/** A filter of the queue with a name. */
export interface SavedView {
  /** What it is addressed by; a view that is kept anew gets another. */
  readonly no: number;
  /** Whose it is, by name. */
  readonly owner: string;
  readonly name: string;
  readonly filter: string;
  /** Whether everybody sees it. */
  readonly isShared: boolean;
  /** ms since the epoch. */
  readonly keptAt: number;
}

export interface NewView extends Pick<SavedView, 'owner' | 'name' | 'isShared'> {
  /** `null`: the view is forgotten. */
  readonly filter: string | null;
  readonly by: string;
}

/** The views in force that somebody sees: her own and the shared ones, by name. */
export async function viewsOf(q: Queryable, owner: string): Promise<SavedView[]> {
  const rows = await q.query<SavedView>(
    `select v.no, v.owner, v.name, v.filter, v.is_shared as "isShared", v.kept_at as "keptAt"
     from (select distinct on (owner, name) * from saved_view order by owner, name, no desc) v
     where v.filter is not null and (v.is_shared or v.owner = $1)
     order by v.name collate "C", v.owner collate "C"`,
    [owner],
  );
  return rows.map((row) => ({ ...row, no: Number(row.no) }));
}

/** Appends what somebody keeps or forgets. Returns its number. */
export async function addView(q: Queryable, { owner, name, filter, isShared, by }: NewView): Promise<number> {
  const [row] = await q.query<{ no: bigint }>(
    `insert into saved_view (owner, name, filter, is_shared, kept_by) values ($1, $2, $3, $4, $5) returning no`,
    [owner, name, filter, isShared, by],
  );
  return Number(row?.no);
}
