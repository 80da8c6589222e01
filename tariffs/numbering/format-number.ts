/** French short codes are below this and E.164 numbers are not: the tables refuse shorter E.164 numbers. */
export const SHORT_CODE_LIMIT = 1_000_000;

/** Whether a called number is a French short code (`15`, `3949`, `118218`) rather than an E.164 number. */
export function isShortCode(called: number): boolean {
  return called < SHORT_CODE_LIMIT;
}

/** Writes a called number as people read it: `+33612345678`, or the digits of a short code. */
export function formatNumber(called: number): string {
  return isShortCode(called) ? String(called) : `+${called}`;
}
