export { Batch } from './batch.ts';
export type { Catalogue } from './catalogue.ts';
export type { DeliveredRecord, Delivery, RecordOrigin } from './delivery.ts';
export { canonicalNdjson } from './formats/canonical-ndjson.ts';
export { type BadRecordReason, type Decoded, type Format, type FormatId, formatIds } from './formats/format.ts';
export {
  type FormatSettings,
  gatherFormatSettings,
  readFormatSettings,
  type ReadSettings,
} from './formats/format-settings.ts';
export type { FormatOptions } from './formats/open-format.ts';
export { CatalogueError, loadCatalogue } from './load-catalogue.ts';
export { formatOfferFault, type OfferFault, type ParsedOffer, parseOffer } from './offers/parse-offer.ts';
export { parseProvisioning, type ProvisioningTexts } from './provisioning/parse-provisioning.ts';
export { RekeyedTopicError } from './kafka/rekey-topics.ts';
export { rateDelivery } from './rate-delivery.ts';
export type { EngineOptions } from './engine-options.ts';
export { type EngineMemory, RatingEngine } from './rating-engine.ts';
export { RatingState } from './rating-state.ts';
export { recordedCdr, recordedRecord } from './recorded-cdr.ts';
export { SourceError } from './source-error.ts';
export { type FileProgress, type FileToTake, type TakeFileOptions, type TakenFile, takeFile } from './take-file.ts';
export { connectionFault, type ConnectionFault } from './kafka/connection-fault.ts';
export { createKafka } from './kafka/kafka-client.ts';
export { addCompressionCodecs } from './kafka/compression-codecs.ts';
export { type KafkaSettings, type SaslSettings, saslMechanisms, type TlsSettings } from './kafka/kafka-settings.ts';
export { startHealthServer } from './kafka/health-server.ts';
export { adminOf } from './kafka/read-partitions.ts';
export { type LogBounds, readStandings, type Standing } from './kafka/partition-standing.ts';
export { isTopicName, parseTopicSpec, sourceOfRekeying, sourceOfTopic, type TopicSpec } from './kafka/topic-spec.ts';
export { Worker } from './kafka/worker.ts';
export { pause, retryForever } from './kafka/retry-forever.ts';
export { type HealthReport, WorkerHealth } from './kafka/worker-health.ts';
export { caseData, lineIds, moneyText, reinstatedData, suspendedData } from './telling/event-data.ts';
export { instantText, periodText } from './telling/event-text.ts';
export type { Counts } from './work.ts';
