import type { CdrContent } from '../../rater/index.ts';
import type { BadRecordReason, DecodingNote, NoCallDoubt, NotACallReason } from '../format.ts';
import type { Leg } from './leg.ts';

/** What one leg comes to, as far as all legs known of its call say. */
export type LegReading =
  | {
      readonly kind: 'call';
      /** The call that a carrier bills, revision 0. */
      readonly content: CdrContent;
      readonly notes: readonly DecodingNote[];
      /** Why this line pays, and what says so. */
      readonly why: string;
    }
  | {
      readonly kind: 'not-a-call';
      readonly reason: NotACallReason;
      readonly none?: CdrContent;
      readonly doubt?: NoCallDoubt;
    }
  /** It waits: the legs known don't say enough, or contradict one another. */
  | {
      readonly kind: 'bad';
      readonly reason: BadRecordReason;
      readonly detail: string;
      /**
       * The call that the leg would be by itself: of families whose legs records outside the group tell of, too
       * (`isToldElsewhere`). That there is none is then told even where nobody had taken it for one here.
       */
      readonly none?: CdrContent;
    };

/** Whether one of the parties of a call has no name: records of a channel without one, such as `SIP/`. */
export function namesNobody({
  line,
  transferredBy,
  diversions,
}: Pick<CdrContent, 'line' | 'transferredBy' | 'diversions'>): boolean {
  return line === '' || transferredBy === '' || diversions.includes('');
}

/**
 * What the legs of one group come to, one reading for each leg, in their order. A pure function of the set of legs:
 * their order is no matter, nor whether one stands twice.
 *
 * @param legs of one group and family
 */
export type ReadLegs = (legs: readonly Leg[]) => readonly LegReading[];
