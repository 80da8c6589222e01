import { type Queryable, lineChanges, loadLines } from '../../ledger/index.ts';
import type { Line } from '../../rater/index.ts';
import { isoInstant } from '../as-data/values.ts';
import { type Refused, refusal, refused } from '../refusals.ts';
import { type LineData, lineData } from './line-data.ts';

/** Which state of a line somebody has seen, and who made it. */
export interface LineVersion {
  /** The number of the line's last change; `0` where none is kept. It tells nothing of the facts. */
  readonly version: string;
  /** `null`: no change is kept. */
  readonly changed: { readonly by: string; readonly at: string } | null;
}

/** A line, and the version that it was read at. */
export interface VersionedLine extends LineVersion {
  readonly kind: 'line';
  /** What a change expects to find, as `editLines` and `changeLine` take it. */
  readonly seen: Line;
  readonly line: LineData;
}

/** The version of a line, by its last change. */
async function lineVersion(db: Queryable, id: string): Promise<LineVersion> {
  const [last] = await lineChanges(db, id, 1, null);
  if (last === undefined) return { version: '0', changed: null };
  return { version: String(last.no), changed: { by: last.by, at: isoInstant(last.at) } };
}

/** A line and its very version: read anew where somebody changes it in between. */
export async function readLineVersion(db: Queryable, id: string): Promise<VersionedLine | Refused> {
  for (let before = await lineVersion(db, id); ;) {
    const [seen] = await loadLines(db, { ids: [id] });
    if (seen === undefined) return refused(refusal('line-unknown', { line: id }));
    const after = await lineVersion(db, id);
    if (after.version === before.version) return { kind: 'line', seen, line: lineData(seen), ...after };
    before = after;
  }
}
