import { SCOPES, type Scope } from './scopes.ts';

/**
 * What people and programs are, as scopes: a key may be made of roles, and who lets people in (OpenID Connect) names
 * them. Nobody but `admin` makes keys.
 */
export const ROLES = {
  /** A switch: gives records in, asks what calls will cost. */
  switch: ['cdrs:write', 'quotes:read'],
  /** Billing: pulls the feed and the reports. */
  billing: ['usage:read', 'reports:read', 'provisioning:read', 'decks:read', 'numbers:read', 'webhooks:read'],
  /** Looks, and sees no number whole. */
  viewer: ['cases:read', 'reports:read', 'quarantine:read', 'provisioning:read', 'decks:read'],
  /** Decides on cases, mends what can't be rated. */
  analyst: [
    'cases:read',
    'cases:decide',
    'usage:read',
    'quotes:read',
    'reports:read',
    'quarantine:read',
    'quarantine:write',
    'provisioning:read',
    'decks:read',
    'numbers:read',
  ],
  /** Enters customers, prices and offers. */
  provisioner: ['provisioning:read', 'provisioning:write', 'decks:read', 'decks:write', 'quotes:read'],
  /** Sees who did what. */
  auditor: ['audit:read', 'reports:read', 'cases:read'],
  /** Prometheus. */
  monitor: ['metrics:read'],
  admin: SCOPES,
} as const satisfies Readonly<Record<string, readonly Scope[]>>;

export type Role = keyof typeof ROLES;

export const ROLE_NAMES = Object.keys(ROLES) as readonly Role[];

export function isRole(text: string): text is Role {
  return Object.hasOwn(ROLES, text);
}

/** All that the roles allow together, each scope once. */
export function scopesOfRoles(roles: readonly Role[]): Scope[] {
  return [...new Set(roles.flatMap((role): readonly Scope[] => ROLES[role]))];
}
