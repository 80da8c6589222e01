import { OperatingFault } from '../../operating/index.ts';

export type SourceErrorCode =
  'cannot-open' | 'cannot-read' | 'truncated-gzip' | 'corrupt-gzip' | 'shorter-than-position';

/**
 * A file or stream that cannot be read (further). What came before has been delivered; of damaged gzip data the last
 * records may be garbage, for its checksum stands at the end.
 */
export class SourceError extends OperatingFault {
  override readonly name = 'SourceError';
  readonly code: SourceErrorCode;
  /** Whether trying again may help without anyone repairing the source. */
  readonly retryable: boolean;

  constructor(code: SourceErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.retryable = code === 'cannot-read';
  }
}

/** The text of a caught value. */
export function causeText(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
