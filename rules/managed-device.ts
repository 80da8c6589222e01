import type { CallFacts } from './call-facts.ts';

/**
 * Whether the call came from a device that is none of the line's managed ones. `false` also when that is unknown: no
 * user agent on the record, or no device provisioned (absent evidence is never a breach).
 */
export function isForeignDevice(call: CallFacts): boolean {
  const { userAgent, devices } = call;
  if (userAgent === null || devices.length === 0) return false;
  return !devices.some((pattern) => matches(pattern, userAgent));
}

function matches(pattern: string, userAgent: string): boolean {
  return pattern.endsWith('*') ? userAgent.startsWith(pattern.slice(0, -1)) : userAgent === pattern;
}
