export { ALL_BUCKETS } from './memory/bucket-months.ts';
export { CallStarts } from './starts/call-starts.ts';
export type { Catalogue } from './catalogue.ts';
export {
  type DeliveredRecord,
  type Delivery,
  type LegReadingChange,
  type RecordOrigin,
  UndecodedRecord,
  evidenceIn,
  lazyDelivery,
} from './delivery.ts';
export { caseData, lineIds, moneyText, reinstatedData, suspendedData } from './events/event-data.ts';
export { instantText, periodText } from './events/event-text.ts';
export type { FactChange, MadeChange } from './fact-change.ts';
export { identityOf } from './settling/identity-halves.ts';
export { type Provenance, type WaitingReason, unreadableRecord } from './settling/kept-record.ts';
export { type HoldTerms, holdsOfFindings, undecidedHolds } from './verdicts/line-holds.ts';
export { LegBatch } from './legs/leg-batch.ts';
export { standingLegs } from './legs/leg-group.ts';
export { type LineVerdicts, loadLineVerdicts } from './verdicts/line-verdicts.ts';
export { CatalogueError, type OfferTerms, loadCatalogue, loadOfferTerms } from './load-catalogue.ts';
export { prepareMonthsAhead } from './memory/months-ahead.ts';
export {
  DAYS_WANTED,
  DAY_MS,
  DEFAULT_START_WINDOW,
  LAST_INSTANT,
  type StartWindow,
  daysFromText,
  isPlausible,
  messageTimestamp,
  receiptAt,
  receiptReader,
} from './starts/plausible-starts.ts';
export type { Quote, QuoteOutcome, QuoteRequest } from './quote.ts';
export { RatingEngine } from './rating-engine.ts';
export { type RecordOutcome, RecordOutcomes, canonicalTextOf } from './tasks/record-outcomes.ts';
export { recordedCdr, recordedRecord } from './settling/recorded-cdr.ts';
export type { Counts } from './tasks/task.ts';
