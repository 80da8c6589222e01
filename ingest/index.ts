export { Batch } from './batch.ts';
export type { Catalogue } from './catalogue.ts';
export type { DeliveredRecord, Delivery, RecordOrigin } from './delivery.ts';
export { canonicalNdjson } from './formats/canonical-ndjson.ts';
export {
  type BadRecordReason,
  type Decoded,
  type Format,
  type FormatId,
  formatIds,
  type UnmatchedName,
} from './formats/format.ts';
export {
  type FormatSettings,
  gatherFormatSettings,
  readFormatSettings,
  type ReadSettings,
} from './formats/format-settings.ts';
export type { FormatOptions } from './formats/open-format.ts';
export { holdsOfFindings } from './line-holds.ts';
export { type LineVerdicts, loadLineVerdicts } from './line-verdicts.ts';
export { CatalogueError, loadCatalogue, loadOfferTerms, type OfferTerms } from './load-catalogue.ts';
export { formatOfferFault, type OfferFault, type ParsedOffer, parseOffer } from './offers/parse-offer.ts';
export type { WaitingReason } from './kept-record.ts';
export { type MonthsAhead, monthsAround, prepareMonthsAhead } from './months-ahead.ts';
export {
  type ParsedProvisioning,
  parseProvisioning,
  type ProvisioningTexts,
} from './provisioning/parse-provisioning.ts';
export { RekeyedTopicError } from './kafka/rekey-topics.ts';
export {
  DAY_MS,
  DAYS_WANTED,
  daysFromText,
  DEFAULT_START_WINDOW,
  receiptAt,
  isPlausible,
  type StartWindow,
} from './plausible-starts.ts';
export { rateDelivery } from './rate-delivery.ts';
export type { EngineOptions } from './engine-options.ts';
export { type EngineMemory, RatingEngine, type Replayed } from './rating-engine.ts';
export { recordedCdr, recordedRecord } from './recorded-cdr.ts';
export { SourceError } from './source-error.ts';
export { type FileProgress, type FileToTake, type TakeFileOptions, type TakenFile, takeFile } from './take-file.ts';
export { connectionFault, type ConnectionFault } from './kafka/connection-fault.ts';
export { createKafka, KAFKA_LOG_FIELDS } from './kafka/kafka-client.ts';
export { addCompressionCodecs } from './kafka/compression-codecs.ts';
export { type KafkaSettings, type SaslSettings, saslMechanisms, type TlsSettings } from './kafka/kafka-settings.ts';
export { startHealthServer } from './kafka/health-server.ts';
export { adminOf } from './kafka/admin-of.ts';
export type { BatchFault, FindBatchFault } from './kafka/batch-fault.ts';
export { type LogBounds, readStandings, type Standing } from './kafka/partition-standing.ts';
export { isTopicName, sourceOfRekeying, sourceOfTopic } from './kafka/source-names.ts';
export { parseTopicSpec, type TopicSpec } from './kafka/topic-spec.ts';
export type { TopicIds } from './kafka/topic-ids.ts';
export { Worker } from './kafka/worker.ts';
export { pause, retryForever } from './kafka/retry-forever.ts';
export { type HealthReport, WorkerHealth } from './kafka/worker-health.ts';
export { caseData, lineIds, moneyText, reinstatedData, suspendedData } from './telling/event-data.ts';
export { instantText, periodText } from './telling/event-text.ts';
export type { Counts } from './work.ts';
export { visibleJson, visibleLine, visibleText } from './visible-text.ts';
export { errorFrames, type LoggableError, loggableError } from './loggable-error.ts';
export { OperatingFault } from './operating-fault.ts';
export { addHealthGauge } from './kafka/worker-metrics.ts';
