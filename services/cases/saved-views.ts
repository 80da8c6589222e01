import { addView, type Queryable, type SavedView, type Transaction, viewsOf } from '../../ledger/index.ts';
import { ledgerCivilTime } from '../ledger-civil-time.ts';
import { type Refused, refusal, refused } from '../refusals.ts';
import { parseCaseFilter } from './case-filter.ts';

/** A view that somebody keeps. */
export interface ViewRequest {
  readonly name: string;
  /** As the queue takes it; `assignee:me` in it is whoever looks. */
  readonly filter: string;
  /** Whether everybody is to see it. */
  readonly isShared: boolean;
}

/** Who asks. */
export interface ViewOwner {
  readonly name: string;
  /** Whether she may share views, and forget those that others share. */
  readonly mayShare: boolean;
}

export interface KeptView {
  readonly kind: 'kept';
  readonly view: SavedView;
}

/** Each view is counted when the queue is opened: more are no help. */
const MOST_VIEWS = 30;
const LONGEST_NAME = 60;
const CONTROL = /\p{Cc}/u;

/** The views that somebody sees: her own, and those that are shared. */
export function listViews(q: Queryable, { name }: ViewOwner): Promise<SavedView[]> {
  return viewsOf(q, name);
}

/** Keeps a view in the place of the owner's one of that name. The same once more changes nothing. */
export async function keepView(
  tx: Transaction,
  request: ViewRequest,
  { name: owner }: ViewOwner,
  now: number = Date.now(),
): Promise<KeptView | Refused> {
  const [name, filter] = [request.name.trim(), request.filter.trim()];
  if (name === '' || name.length > LONGEST_NAME || CONTROL.test(name)) {
    return refused(refusal('view-name-unusable', { name, most: String(LONGEST_NAME) }));
  }
  const meant = parseCaseFilter(filter, { me: owner, now, civilTime: await ledgerCivilTime(tx) });
  if ('kind' in meant) return meant;
  if (filter === '' || CONTROL.test(filter)) return refused(refusal('view-filter-empty', { name }));
  const seen = await viewsOf(tx, owner);
  const own = seen.filter((view) => view.owner === owner);
  const before = own.find((view) => view.name === name);
  const isSame = before?.filter === filter && before.isShared === request.isShared;
  if (before !== undefined && isSame) return { kind: 'kept', view: before };
  const beside = (request.isShared ? seen.filter((view) => view.isShared) : own).filter((view) => view !== before);
  if (beside.length >= MOST_VIEWS) return refused(refusal('views-too-many', { name, most: String(MOST_VIEWS) }));
  const no = await addView(tx, { owner, name, filter, isShared: request.isShared, by: owner });
  const view = (await viewsOf(tx, owner)).find((each) => each.no === no);
  if (view === undefined) throw new Error(`Cannot find view ${no}, which was just kept`);
  return { kind: 'kept', view };
}

/** Forgets a view: one's own, or one that is shared. */
export async function forgetView(
  tx: Transaction,
  no: number,
  { name: by, mayShare }: ViewOwner,
): Promise<{ readonly kind: 'forgotten' } | Refused> {
  const view = (await viewsOf(tx, by)).find((each) => each.no === no);
  if (view === undefined) return refused(refusal('view-unknown', { view: String(no) }));
  if (view.owner !== by && !mayShare) return refused(refusal('view-of-another', { name: view.name }));
  const { owner, name, isShared } = view;
  await addView(tx, { owner, name, filter: null, isShared, by });
  return { kind: 'forgotten' };
}
