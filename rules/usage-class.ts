import type { CallFacts } from './call-facts.ts';
import { CallFlag } from './call-flag.ts';
import { type CallRef, type FirstCallCondition, type Found, anyEffect } from './condition.ts';

export interface UsageClassSettings {
  /** Declared classes to which the offer never applies. */
  readonly excludedClasses: readonly string[];
}

export interface UsageClassFinding extends Found<'usage-class'> {
  readonly usageClass: string;
  readonly firstCall: CallRef;
}

/**
 * Article 7: the offers do not apply to telecom professionals (carriers, phone shops, telemarketing, phoning, call
 * centres, prepaid cards, voice services). A call made while the line's declared class is one of those is metered, from
 * the first call on.
 */
export function showsExcludedClass(call: CallFacts, settings: UsageClassSettings): boolean {
  return !call.isForwarded && settings.excludedClasses.includes(call.usageClass);
}

export const usageClass: FirstCallCondition<'usage-class', UsageClassSettings, UsageClassFinding> = {
  id: 'usage-class',
  kind: 'first-call',
  flags: CallFlag.excludedUsageClass,
  flagsOf: (call, settings) => (showsExcludedClass(call, settings) ? CallFlag.excludedUsageClass : 0),
  findingOf: ({ call, usageClass: declared }) => ({
    condition: 'usage-class',
    breachFrom: call.startedAt,
    usageClass: declared,
    firstCall: call,
  }),
  inWords: (finding, { call }) =>
    `declared as '${finding.usageClass}', which the offer is not for; first call on ${call(finding.firstCall)}`,
  effectFault: anyEffect,
};
