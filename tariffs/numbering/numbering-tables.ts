/** One CSV table: its text, and the file name to show in faults. */
export interface TableText {
  readonly file: string;
  readonly text: string;
}

/** The tables that make a numbering plan. Columns and sources: `data/README.md`. */
export interface NumberingTables {
  /** Every country code in service: catch-all destination and usual number lengths. */
  readonly countryCodes: TableText;
  /** Prefixes with a destination of their own. */
  readonly destinations: TableText;
  /** Prefixes under which nobody can be called. */
  readonly invalidRanges: TableText;
  /** Prefixes whose numbers have other lengths than the rest of their country. */
  readonly lengthRules: TableText;
  /** French national roots that belong to an overseas country code. */
  readonly overseasRoots: TableText;
  /** French short codes. */
  readonly shortCodes: TableText;
  /** The 40 destinations of the contract (article 7), which must all exist. */
  readonly includedNames: TableText;
  /** Costly ranges known from elsewhere, against which the destinations are checked. */
  readonly specialRanges: TableText;
}
