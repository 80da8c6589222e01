/** The names of kafkajs that others may know it by: nobody else imports it. */
export { CompressionTypes, Partitioners } from 'kafkajs';
export type {
  Admin,
  Batch,
  Consumer,
  ConsumerGroupJoinEvent,
  EachBatchPayload,
  ITopicConfig,
  Kafka,
  KafkaMessage,
  Message,
  PartitionerArgs,
  Producer,
} from 'kafkajs';
export { adminOf, type WithAdmin } from './admin.ts';
export type { BatchFault, FindBatchFault } from './batch-fault.ts';
export { coPartitionAssigner } from './co-partition-assigner.ts';
export { addCompressionCodecs } from './compression-codecs.ts';
export { type ConnectionFault, connectionFault } from './connection-fault.ts';
export { UnreadableBatch } from './fetch/fetched-message.ts';
export { takeOverFetches } from './fetch/take-over-fetches.ts';
export { UnreadableError } from './fetch/unreadable-error.ts';
export { type FramedRecord, MessageFrame, type MessageRecords, unframeMessage } from './frame-message.ts';
export { KAFKA_LOG_FIELDS, createKafka } from './kafka-client.ts';
export { type KafkaCluster, watchFetches, withCluster } from './kafka-cluster.ts';
export { type KafkaSettings, type SaslSettings, type TlsSettings, saslMechanisms } from './kafka-settings.ts';
export { isCompacted } from './topic-config.ts';
export { type TopicIds, topicIdsOf } from './topic-ids.ts';
