/**
 * What a key may be allowed to do, each a word of its own. Nothing is allowed that no scope of the key names.
 * `numbers:read` shows telephone numbers whole: without it their last four digits are masked.
 */
export const SCOPES = [
  'cdrs:write',
  'quotes:read',
  'usage:read',
  'cases:read',
  'cases:decide',
  'reports:read',
  'periods:write',
  'provisioning:read',
  'provisioning:write',
  'quarantine:read',
  'quarantine:write',
  'decks:read',
  'decks:write',
  'numbers:read',
  'keys:write',
  'audit:read',
  'webhooks:read',
  'webhooks:write',
  'metrics:read',
] as const;

export type Scope = (typeof SCOPES)[number];

export function isScope(text: string): text is Scope {
  return (SCOPES as readonly string[]).includes(text);
}
