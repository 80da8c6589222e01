import { type Cdr, type NoCall, canonicalText } from '../rater/index.ts';
import type { PostedCall, QuarantinedRecord } from '../ledger/index.ts';
import type { GatheredCall } from './gather-calls.ts';
import type { IdentityHalves } from './identity-halves.ts';
import type { Provenance } from './kept-record.ts';

/** A record whose identity may have been met before. */
export interface Suspect {
  readonly cdr: Cdr | NoCall;
  readonly identity: IdentityHalves;
  readonly provenance: Provenance;
  /** The batch has posted it already, as a call that was never met. */
  readonly isPosted?: boolean;
  /** Its start is implausible for when it reached its source. */
  readonly isStartDoubted?: true;
  /** It was billed until now and counted then: what becomes of it is no news of the delivery. */
  readonly wasCounted?: true;
}

/** A record with what it says, in canonical form. */
interface TextRecord {
  readonly cdr: Cdr | NoCall;
  readonly text: string;
}

/** A record of a call that is settled: it came, it is posted, or it is in quarantine. */
export type Known =
  | (TextRecord & {
      readonly from: 'posted';
      readonly cdr: Cdr;
      readonly posted: PostedCall;
      /** The record of this batch that it was posted for, if it was. */
      readonly suspect: Suspect | undefined;
    })
  | (TextRecord & { readonly from: 'quarantine'; readonly kept: QuarantinedRecord })
  | (TextRecord & { readonly from: 'delivery'; readonly suspect: Suspect });

/** All records of a call: what the ledger has of it, and what was delivered. */
export function knownOf({ posted, kept }: GatheredCall, delivered: readonly Suspect[], texts: Texts): Known[] {
  return [
    ...posted.map(({ posted: call, cdr }): Known => {
      const text = texts.of(cdr);
      const suspect = delivered.find((one) => one.isPosted === true && texts.of(one.cdr) === text);
      return { from: 'posted', posted: call, suspect, cdr, text };
    }),
    ...kept.map(({ kept: record, cdr }): Known => ({ from: 'quarantine', kept: record, cdr, text: texts.of(cdr) })),
    ...delivered.flatMap((suspect): Known[] =>
      suspect.isPosted === true ? [] : [{ from: 'delivery', suspect, cdr: suspect.cdr, text: texts.of(suspect.cdr) }],
    ),
  ];
}

/** What records say, each made once. Two say the same when their texts are equal: contents can be made that share a hash. */
export class Texts {
  readonly #texts = new Map<Cdr | NoCall, string>();

  of(cdr: Cdr | NoCall): string {
    let text = this.#texts.get(cdr);
    if (text === undefined) {
      text = canonicalText(cdr);
      this.#texts.set(cdr, text);
    }
    return text;
  }
}
