import { z } from 'zod';
import { ALL_BUCKETS } from '../../engine/index.ts';
import { type Refused, refusal, refused } from '../refusals.ts';

const proofSchema = z.object({
  ledger: z.string(),
  proofs: z.array(
    z.object({
      bucket: z.int().min(0),
      position: z.int().min(0),
      chain: z.string().regex(/^([0-9a-f]{64})?$/),
    }),
  ),
  /** Proofs of before this was kept have none. */
  names: z
    .array(
      z.object({
        table: z.enum(['account', 'line', 'destination', 'rate_deck', 'offer']),
        upTo: z.int().min(0),
        digest: z.string().regex(/^[0-9a-f]{64}$/),
      }),
    )
    .default([]),
});

/** A proof that an earlier verification gave, kept where who can change the ledger can't change it. */
export type KeptProof = z.infer<typeof proofSchema>;

export interface ReadProof {
  readonly kind: 'proof';
  readonly proof: KeptProof;
}

/**
 * Reads the text of a kept proof.
 *
 * @param file what it is called in refusals
 */
export function readProof(file: string, text: string): ReadProof | Refused {
  const parsed = proofSchema.safeParse(parseJson(text));
  return parsed.success ? { kind: 'proof', proof: parsed.data } : refused(refusal('proof-unreadable', { file }));
}

/** Refuses a proof of another ledger, and one of some buckets, which proves nothing of the others. */
export function refusedProof(file: string, { ledger: of, proofs }: KeptProof, ledger: string): Refused | null {
  if (of !== ledger) return refused(refusal('proof-of-another-ledger', { file, ledger: of }));
  const buckets = new Set(proofs.map(({ bucket }) => bucket));
  const missing = [...ALL_BUCKETS].find((bucket) => !buckets.has(bucket));
  if (missing !== undefined) return refused(refusal('proof-in-part', { file, bucket: String(missing) }));
  return proofs.length === ALL_BUCKETS.size ? null : refused(refusal('proof-too-long', { file }));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
