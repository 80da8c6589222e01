export { isGzip } from './files/byte-chunks.ts';
export { openRecords, recordsOf } from './files/record-reader.ts';
export { SourceError } from './files/source-error.ts';
export type { ChangeWhileRead } from './files/source-file.ts';
export {
  type FileProgress,
  type FileToTake,
  type TakeFileOptions,
  type TakenFile,
  takeFile,
} from './files/take-file.ts';
export {
  type LogBounds,
  type PartitionStatus,
  type StopReason,
  readPartitionStatuses,
} from './kafka/partition-status.ts';
export { RekeyedTopicError } from './kafka/rekey-topics.ts';
export { isTopicName, sourceOfRekeying, sourceOfTopic } from './kafka/source-names.ts';
export { type TopicSpec, parseTopicSpec } from './kafka/topic-spec.ts';
export { Worker } from './kafka/worker.ts';
export { PostSource, type TakenBatch } from './posts/post-source.ts';
export { type Post, ForeignRecordError, PostTooLargeError, type TakenPost, takePost } from './posts/take-post.ts';
