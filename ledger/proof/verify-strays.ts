import { BUCKET_COUNT } from '../../rater/index.ts';
import type { Queryable } from '../database/database.ts';
import { type ProofFault, type ProofFinding, finding } from './verify-bucket.ts';

/** Feed positions of a bucket: those after `after`, up to `up_to`. */
interface StrayRow {
  readonly bucket: number;
  readonly after: bigint;
  readonly up_to: bigint;
}

/**
 * What lies beside the buckets that `verifyBucket` walks: entries and postings in buckets without a head, postings
 * beyond their head, buckets whose head is gone, cursors that went further than the ledger, and entries in the bill of
 * a month whose close had not seen them. Reads all entries twice; each statement sees one moment, so that what a
 * writer commits meanwhile is not taken for tampering.
 */
export async function verifyStrays(q: Queryable): Promise<ProofFinding[]> {
  const findings: ProofFinding[] = [];
  for (const [fault, statement] of STRAYS) {
    const rows = await q.query<StrayRow>(statement);
    findings.push(
      ...rows.map(({ bucket, after, up_to: upTo }) => finding(fault, bucket, Number(after), Number(upTo), null)),
    );
  }
  return findings;
}

const BUCKETS = '(select h.bucket from head h join proof_start using (bucket))';

const STRAYS: readonly (readonly [ProofFault, string])[] = [
  [
    'bucket-missing',
    `select g.bucket::smallint as bucket, 0::bigint as after, 0::bigint as up_to
     from generate_series(0, ${BUCKET_COUNT - 1}) as g (bucket) where g.bucket not in ${BUCKETS} order by 1`,
  ],
  [
    'entries-added',
    `select bucket, min(position) - 1 as after, max(position) as up_to from entry
     where bucket not in ${BUCKETS} group by bucket order by bucket`,
  ],
  [
    'posting-added',
    `select p.bucket, p.after, p.up_to from posting p left join head h using (bucket)
     where h.bucket is null or p.up_to > h.position order by p.bucket, p.up_to`,
  ],
  [
    'stretch-changed',
    `select s.bucket, s.after, s.up_to from call_stretch s left join head h using (bucket)
     where h.bucket is null or s.up_to > h.position order by s.bucket, s.up_to`,
  ],
  [
    'billed-after-close',
    `select e.bucket, min(e.position) - 1 as after, max(e.position) as up_to
     from entry e join period_close c on c.bucket = e.bucket and c.period = e.billed_period and c.position < e.position
     group by e.bucket, e.billed_period order by e.bucket, e.billed_period`,
  ],
  [
    'told-ahead',
    `select bucket, coalesce(h.position, 0) as after, max(t.position) as up_to
     from (select bucket, position from relay_cursor where feed = 'usage'
           union all select bucket, position from ledger_life_start) as t
     left join head h using (bucket) where t.position > coalesce(h.position, 0)
     group by bucket, h.position order by bucket`,
  ],
  [
    'told-ahead',
    `select bucket, coalesce(o.no, 0) as after, max(t.event) as up_to
     from (select bucket, position as event from relay_cursor where feed = 'event'
           union all select bucket, event from ledger_life_start) as t
     left join (select bucket, max(no) as no from outbox group by bucket) as o using (bucket)
     where t.event > coalesce(o.no, 0) group by bucket, o.no order by bucket`,
  ],
];
