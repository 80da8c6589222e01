import type { Cdr, NoCall } from '../../rater/index.ts';
import type { IdentityHalves } from './identity-halves.ts';
import type { Provenance } from './kept-record.ts';

/** A record whose identity may have been seen before. */
export interface PossibleDuplicate {
  readonly cdr: Cdr | NoCall;
  readonly identity: IdentityHalves;
  readonly provenance: Provenance;
  /** The batch has posted it already, as a call that was never seen. */
  readonly isPosted?: boolean;
  /** Its start is implausible for when it reached its source. */
  readonly isStartDoubted?: true;
  /** It is what a call was known as, and is no more: other records of the call came. */
  readonly isFormer?: true;
  /** It was billed until now and counted then: what becomes of it is no news of the delivery. */
  readonly wasCounted?: true;
}
