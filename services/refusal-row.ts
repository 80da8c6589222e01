/** Whether the request itself can't be meant, or the ledger as it stands does not allow it. */
export type RefusalOf = 'request' | 'state';

/** A row of the table of refusals. */
export interface RefusalRow {
  readonly of: RefusalOf;
  /**
   * What is said, with `{name}` where a value goes, and `{name|word|words}` where a number goes with its word behind
   * it.
   */
  readonly sentence: string;
  /** What a person can do about it. */
  readonly remedy: string;
}
