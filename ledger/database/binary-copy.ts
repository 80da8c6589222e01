/** What stands before the first row of a binary COPY (PostgreSQL's manual, COPY, "Binary Format"). */
export const COPY_HEADER_BYTES = 19;
export const TWO_TO_32 = 4_294_967_296;
/** 1 January 2000, from which a timestamptz counts microseconds; ms since the epoch. */
export const POSTGRES_EPOCH_MS = 946_684_800_000;

/** A bigint at `at`; exact up to 2^53. */
export function readInt64(view: DataView, at: number): number {
  return view.getInt32(at) * TWO_TO_32 + view.getUint32(at + 4);
}

/** A timestamptz at `at`, as ms since the epoch. */
export function readInstant(view: DataView, at: number): number {
  return readInt64(view, at) / 1000 + POSTGRES_EPOCH_MS;
}
