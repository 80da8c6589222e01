import type { CallFacts } from './call-facts.ts';

/**
 * Article 7: "Les renvois d'appels ne sont pas inclus." A leg that exists because a call to the line was forwarded is
 * metered, it alone; there is no verdict on the line and no case.
 */
export function showsForwarding(call: Pick<CallFacts, 'isForwarded'>): boolean {
  return call.isForwarded;
}
