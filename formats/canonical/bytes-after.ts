/** So many bytes must be readable after a canonical record, whatever they hold: it is read in words. */
export const BYTES_AFTER = 16;
