import type { CallRef } from '../../rules/index.ts';
import { compareIdentity } from '../call/identity.ts';

export type { CallRef, Finding, FindingCondition } from '../../rules/index.ts';

/** Orders calls by start, then identity (domain page: "start of a call"). */
export function compareCalls(a: CallRef, b: CallRef): number {
  return a.startedAt - b.startedAt || compareIdentity(a, b);
}
