export { ALL_BUCKETS } from './bucket-months.ts';
export { CallStarts } from './call-starts.ts';
export type { Catalogue } from './catalogue.ts';
export {
  type DeliveredRecord,
  type Delivery,
  type LegReadingChange,
  type RecordOrigin,
  UndecodedRecord,
  legOf,
  lazyDelivery,
} from './delivery.ts';
export { caseData, lineIds, moneyText, reinstatedData, suspendedData } from './events/event-data.ts';
export { instantText, periodText } from './events/event-text.ts';
export type { FactChange, MadeChange } from './fact-change.ts';
export { identityOf } from './identity-halves.ts';
export { type Provenance, type WaitingReason, unreadableRecord } from './kept-record.ts';
export { type HoldTerms, holdsOfFindings, undecidedHolds } from './line-holds.ts';
export { LegBatch } from './leg-batch.ts';
export { standingLegs } from './leg-group.ts';
export { type LineVerdicts, loadLineVerdicts } from './line-verdicts.ts';
export { CatalogueError, type OfferTerms, loadCatalogue, loadOfferTerms } from './load-catalogue.ts';
export { prepareMonthsAhead } from './months-ahead.ts';
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
} from './plausible-starts.ts';
export type { Quote, QuoteOutcome, QuoteRequest } from './quote.ts';
export { RatingEngine } from './rating-engine.ts';
export { type RecordOutcome, RecordOutcomes, canonicalTextOf } from './record-outcomes.ts';
export { recordedCdr, recordedRecord } from './recorded-cdr.ts';
export type { Counts } from './task.ts';
