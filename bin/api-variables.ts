/** The environment variables of `fairtally serve`. */
export const API_VARIABLES = [
  'FAIRTALLY_OIDC_ISSUER',
  'FAIRTALLY_OIDC_AUDIENCE',
  'FAIRTALLY_OIDC_CLAIM',
  'FAIRTALLY_OIDC_ROLES',
  'FAIRTALLY_WEBHOOK_KEY',
  'FAIRTALLY_WEBHOOK_PRIVATE',
] as const;
