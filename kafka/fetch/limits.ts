/**
 * A message up to this size is read whole, uncompressed: it may hold many records. Of a longer one `KEPT_BYTES` of
 * the value are kept; it waits in quarantine as `too-long`.
 */
export const MOST_MESSAGE_BYTES = 33_554_432;
/** So much of the value of a message that is too long is kept: 1 MiB. */
export const KEPT_BYTES = 1_048_576;
/** A batch that comes to more, decompressed, is taken in parts. */
export const MOST_BATCH_BYTES = 16_777_216;
/** What one answer of a broker may come to in memory, decompressed; what is beyond is fetched again. */
export const MOST_ANSWER_BYTES = 134_217_728;
/** What a message takes in memory beside its bytes, about. */
export const MESSAGE_OVERHEAD_BYTES = 300;
/** So much of one partition is decompressed for one answer, kept or not, before the others have their turn. */
export const MOST_UNPACKED_BYTES = 134_217_728;
/** So many batches may be taken in parts at a time: each holds its decompressor, of up to 128 MiB. */
export const MOST_HELD_BATCHES = 2;
