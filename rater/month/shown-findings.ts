import { CONDITIONS, type Finding } from '../../rules/index.ts';
import type { Cdr } from '../call/cdr.ts';
import type { CallRef } from './finding.ts';
import type { RatedCall } from '../rate/rated-call.ts';

/** A finding that a single call proves. */
type ShownFinding = Extract<Finding, { readonly firstCall: CallRef }>;

const SHOWN = CONDITIONS.filter((condition) => condition.kind === 'first-call');

/** The flags of calls that prove a finding by themselves. */
export const SHOWN_FLAGS = SHOWN.reduce((flags, condition) => flags | condition.flags, 0);

/** What one call shows against its line, taken alone. */
export function findingsShownBy({ flags, usageClass, registration }: RatedCall, cdr: Cdr): ShownFinding[] {
  const { userAgent, sourceIp } = cdr;
  const showing = { call: callRef(cdr), flags, usageClass, userAgent, sourceIp, registration };
  return SHOWN.flatMap((condition) => ((flags & condition.flags) === 0 ? [] : [condition.findingOf(showing)]));
}

/** A call as evidence names it. */
export function callRef({ startedAt, switchId, callId, legId }: Cdr): CallRef {
  return { startedAt, switchId, callId, legId };
}
