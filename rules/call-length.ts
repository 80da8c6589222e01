import { CallFlag } from './call-flag.ts';
import type { AloneCondition } from './condition.ts';

export interface CallLengthSettings {
  /** A call of exactly so many minutes is included; 60 and 180 are usual. */
  readonly maxMinutes: number;
  /** What is metered of a longer call: see docs/decisions/0032-what-a-long-call-costs.md. */
  readonly metered: 'whole-call';
}

/**
 * A condition of other offers than Full Illimité: a call that lasts longer than so many minutes is metered, it alone;
 * there is no verdict on the line and no case. Talk time counts, to the millisecond. A forwarded leg is asked too:
 * nothing is held against the line.
 */
export const callLength: AloneCondition<'call-length', CallLengthSettings> = {
  id: 'call-length',
  kind: 'alone',
  flags: CallFlag.longCall,
  isShownBy: ({ durationMs }, { maxMinutes }) => durationMs > maxMinutes * 60_000,
  whyMetered: 'the call lasted longer than the offer includes a call',
  effectFault: ({ mode, rerate, suspension, opensCase }) => {
    if (mode !== 'automatic') return { path: ['mode'], problem: `must be 'automatic': nobody reviews a single call` };
    if (rerate.scope !== 'call') {
      return { path: ['rerate', 'scope'], problem: `must be 'call': a long call is metered alone` };
    }
    if (suspension !== 'none') return { path: ['suspension'], problem: `must be 'none': a long call is metered alone` };
    return opensCase ? { path: ['opensCase'], problem: 'must be false: a long call is no breach by the line' } : null;
  },
};
