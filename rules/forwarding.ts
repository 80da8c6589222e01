import { CallFlag } from './call-flag.ts';
import type { AloneCondition, NoSettings } from './condition.ts';

/**
 * Article 7: "Les renvois d'appels ne sont pas inclus." A leg that exists because a call to the line was forwarded is
 * metered, it alone; there is no verdict on the line and no case.
 */
export const forwarding: AloneCondition<'forwarding', NoSettings> = {
  id: 'forwarding',
  kind: 'alone',
  flags: CallFlag.forwarded,
  isShownBy: ({ isForwarded }) => isForwarded,
  whyMetered: 'a forwarded call is not included in the offer',
  effectFault: ({ rerate }) =>
    rerate.scope === 'call'
      ? null
      : { path: ['rerate', 'scope'], problem: `must be 'call': a forwarded call is metered alone` },
};
