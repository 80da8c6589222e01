export {
  addDecision,
  type BreachRow,
  type CaseRow,
  type CaseState,
  loadDecisions,
  loadStandingBreaches,
  type NewDecision,
  saveBreaches,
  saveCases,
} from './breach-store.ts';
export { type CallKey, callsOfLine, findCalls, type PostedCall } from './call-queries.ts';
export { callsPricedAlike, changesSince, ledgerCharge, type PostedChange, type PricedAlike } from './change-queries.ts';
export {
  catalogueVersion,
  latestNumberingPlan,
  loadDestinations,
  loadOffers,
  loadRateDecks,
  offerVersion,
  type RateDeckDocument,
  registerDestinations,
  registerNumberingPlan,
  registerOffer,
  registerRateDeck,
  type RegisteredOffer,
  type RegisteredRateDeck,
} from './catalogue.ts';
export { type Database, type DatabasePlace, openDatabase, type Queryable, type Transaction } from './database.ts';
export { DatabaseError, type DatabaseErrorCode } from './database-error.ts';
export { loadDirectory, loadLines, type NumberedAccount, type NumberedLine } from './directory-store.ts';
export { ENTRY_COPY_STATEMENT, EntryCopyBuffer } from './entry-copy.ts';
export { type CallSearch, entriesOfCall, type FoundCall, type ExplainedEntry, findCallId } from './explain-queries.ts';
export { countFactChange, type Head, lockFacts, lockHeads, moveHeads, readHeads, shareFacts } from './head-store.ts';
export {
  migrate,
  type Migration,
  MigrationError,
  type MigrationFault,
  migrationOf,
  readMigrations,
} from './migrate.ts';
export { type LedgerAt, estimateEntries, type MonthCall, visitMonth } from './month-stream.ts';
export { entriesBetween, type FeedStretch, type MovedEntry } from './moved-entries.ts';
export { ensurePeriod, partitionOf } from './partitions.ts';
export { busiestPeriod, periodsWithEntries } from './period-queries.ts';
export {
  type Account,
  type Provisioning,
  type ProvisioningChange,
  ProvisioningError,
  type ProvisioningFault,
  storeProvisioning,
} from './provisioning-store.ts';
export {
  addQuarantine,
  changeQuarantine,
  countQuarantine,
  findQuarantined,
  type NewQuarantinedRecord,
  quarantinedHolding,
  quarantinedIdentities,
  quarantinedRecord,
  type RereadStretch,
  settleableQuarantine,
  supersedeUnread,
  type QuarantineChange,
  type QuarantineCount,
  type QuarantinedRecord,
  type QuarantinePage,
  type QuarantineState,
  waitingQuarantine,
} from './quarantine-store.ts';
export {
  type CoverageTotal,
  type DestinationTotal,
  destinationTotals,
  type LineInBreach,
  linesInBreach,
  periodTotals,
  postedCharge,
  type StandingBreach,
} from './report-queries.ts';
export { type KeptSourceMove, moveSource, readSourceMoves, type SourceMove } from './source-moves.ts';
export {
  addCounts,
  advanceSource,
  readSourceCounts,
  readSourcePosition,
  readSourcePositions,
  type SourceAdvance,
  type SourceCount,
  SourceMovedError,
  type SourcePosition,
} from './source-store.ts';
export {
  findMetHashes,
  findOwnNumbers,
  giveOwnNumbers,
  type MetHashes,
  type SharingCall,
  type WatchedHash,
  watchedHashes,
  watchHashes,
} from './shared-hashes.ts';
export { type Parameter, sqlInstant } from './sql-values.ts';
export {
  markAllQuarantineStale,
  markCallsStale,
  markQuarantineStale,
  markUnpricedStale,
  staleQuarantine,
  takeStaleQuarantine,
} from './stale-quarantine.ts';
export { type BilledHash, hashesToSettle } from './sweep-queries.ts';
export { addUnresolvedParties, markLinesOfPartiesStale, type UnresolvedParty } from './unresolved-parties.ts';
export {
  markEveryLineStale,
  markLinesOfOfferStale,
  markLinesStale,
  linesWithEntries,
  type StaleLine,
  staleLines,
  takeStaleLines,
} from './stale-lines.ts';
export { addEvents, type EventType, type NewEvent } from './outbox-store.ts';
export { type LineSuspension, type ToldHold, saveSuspensions, suspensionsOf } from './suspension-store.ts';
export { type DecisionOnLine, type IncludedCalls, decisionsOnLines, includedCallsOf } from './telling-queries.ts';
export {
  ensureCursors,
  type Feed,
  lockUntoldEvents,
  lockUntoldUsage,
  moveCursors,
  untold,
  type UntoldEvent,
} from './relay-store.ts';
export { type FeedEntry, FeedReader, type ReadFeed } from './usage-feed.ts';
export {
  type LineName,
  loadDestinationNames,
  loadLineNames,
  loadOfferVersions,
  loadRateDeckNames,
  type RateDeckName,
} from './relay-names.ts';
