/** One thing wrong in the numbering tables, at its place. */
export interface NumberingFault {
  readonly file: string;
  /** Line in the file, the header being line 1. */
  readonly line: number;
  readonly message: string;
}

/** The numbering tables cannot be used; `faults` lists everything found, in file order. */
export class NumberingTablesError extends Error {
  readonly faults: readonly NumberingFault[];

  constructor(faults: readonly NumberingFault[]) {
    const lines = faults.map(({ file, line, message }) => `  ${file}:${line}: ${message}`);
    super(`Cannot compile the numbering plan: ${faults.length} fault(s)\n${lines.join('\n')}`);
    this.name = 'NumberingTablesError';
    this.faults = faults;
  }
}
