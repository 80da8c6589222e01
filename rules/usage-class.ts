import type { CallFacts } from './call-facts.ts';
import type { UsageClassSettings } from './offer.ts';

/**
 * Article 7: the offers do not apply to telecom professionals (carriers, phone shops, telemarketing, phoning, call
 * centres, prepaid cards, voice services). A call made while the line's declared class is one of those is metered, from
 * the first call on.
 */
export function showsExcludedClass(call: CallFacts, settings: UsageClassSettings): boolean {
  return !call.isForwarded && settings.excludedClasses.includes(call.usageClass);
}
