import type { NotACallReason } from './traffic-record.ts';

/** What must become of a record, however and in whatever order it is delivered. */
export type Fate =
  | { readonly kind: 'call' }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'not-a-call'; readonly reason: NotACallReason }
  /** Waits, or is kept as superseded, under this reason. */
  | { readonly kind: 'quarantined'; readonly reason: string };

/** A record as it is written to the file, without line end, in Latin-1: a byte that is no UTF-8 can be among it. */
export interface EmittedRecord {
  readonly text: string;
  /** When the switch delivers it: the order in the file. ms since the epoch. */
  readonly at: number;
  readonly fate: Fate;
}

export type Emit = (record: EmittedRecord) => void;
