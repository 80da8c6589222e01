export {
  addDecision,
  type BreachRow,
  type CaseRow,
  type CaseState,
  type FoundBreach,
  hasDecision,
  type LineKey,
  linesWithVerdicts,
  loadBreachesOn,
  loadDecisions,
  loadDecisionsOn,
  loadFinding,
  loadStandingBreaches,
  type NewDecision,
  saveBreaches,
  saveCases,
} from './breach-store.ts';
export {
  type CaseFilter,
  type CaseSum,
  caseHistory,
  type CasePlace,
  correctionsOf,
  findCases,
  type FoundCase,
  type OtherCaller,
  otherCallers,
  type PostedCorrections,
  sumCases,
} from './case-queries.ts';
export { evidenceOfMonths, type LineMonthKey, numbersOfMonths } from './far-over.ts';
export { addCaseAct, type CaseAct, caseActs, hasCase, type KeptCaseAct } from './case-acts.ts';
export type { CaseClause, Comparison } from './case-clauses.ts';
export {
  type ChunkOfParty,
  type ChunksOfParty,
  type EventsOfChunk,
  type LastStart,
  addRegistrationEvents,
  chunkOf,
  hasRegistrations,
  keepLastStarts,
  lastStartsOf,
  registrationsOf,
} from './registration-store.ts';
export { addBilledCalls, type BilledCall, findBilledCalls } from './billed-calls.ts';
export { type CallKey, callsOfLine, findCalls, type PostedCall } from './call-queries.ts';
export {
  callsOnceRated,
  callsPricedAlike,
  callsPricedAlikeSince,
  changesSince,
  ledgerCharge,
  type PostedChange,
  type OnceRated,
  type PricedAlike,
} from './change-queries.ts';
export {
  catalogueVersion,
  ledgerUnits,
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
export { addToDeckSchedule, type KeptDeckScheduleEntry, loadDeckSchedule } from './deck-schedule.ts';
export { copyDatabaseDirectory } from './copy-directory.ts';
export { CommitInDoubtError } from './commit-in-doubt.ts';
export type { Database, Queryable, Transaction } from './database.ts';
export { type DatabasePlace, openDatabase } from './open-database.ts';
export { prepareLedger } from './prepare-ledger.ts';
export { DatabaseError, type DatabaseErrorCode } from './database-error.ts';
export type { KeptLeg, LegPlace } from './kept-leg.ts';
export { LegRows } from './leg-copy.ts';
export { addLegs, comparePlaces, legsAt, legsOfCallId, lockLegHeads, readLegHeads } from './leg-store.ts';
export { canLogIn } from './log-in.ts';
export { type BucketStretch, ENTRY_COPY_STATEMENT, EntryCopyBuffer, type OrderedCopy } from './entry-copy.ts';
export { type ListedAccount, listAccounts, listLines } from './account-queries.ts';
export { type LineChange, lineChanges } from './line-change-store.ts';
export { accountOfId, loadDirectory, loadLines, type NumberedAccount, type NumberedLine } from './directory-store.ts';
export { type CallSearch, entriesOfCall, type ExplainedEntry, findCallId, type FoundCall } from './explain-queries.ts';
export { type HoleSettlement, type KeptHoleSettlement, readHoleSettlements, settleHole } from './hole-settlements.ts';
export { countFactChange, type Head, headPosition, lockFacts, lockHeads, readHeads } from './head-store.ts';
export {
  migrate,
  type Migration,
  MigrationError,
  type MigrationFault,
  migrationOf,
  readMigrations,
} from './migrate.ts';
export { CallRuns } from './call-runs.ts';
export { loadEveryLine } from './load-every-line.ts';
export type { Identities, MonthCall } from './month-call.ts';
export type { MonthVisitor } from './month-calls.ts';
export type { KeptCall, PackedBlock } from './packed-block.ts';
export { type LedgerAt, estimateEntries, visitMonth } from './month-stream.ts';
export { entriesBetween, type FeedStretch, type MovedEntries, type MovedEntry } from './moved-entries.ts';
export {
  ensurePeriod,
  hasPeriod,
  isRightMissing,
  makePeriods,
  mayMakePeriods,
  missingPeriods,
  partitionOf,
} from './partitions.ts';
export { patientDatabase, type PatienceNews } from './patient-database.ts';
export { busiestPeriod, periodsWithEntries } from './period-queries.ts';
export { PostingDigests } from './posting-digests.ts';
export {
  addPeriodMove,
  countWaitingBetween,
  keepWhatCloseSaw,
  loadClosedThrough,
  loadPeriodMoves,
  loadSeenBreaches,
  type PeriodMove,
  readClosePositions,
} from './period-store.ts';
export { type LineMoney, moneyByDay, moneyByLine, type MoneySum, type Positions, positionsAsOf } from './as-of.ts';
export { addStretches, type UnpackedGap, unpackedGaps } from './stretch-store.ts';
export { packGap } from './pack-gap.ts';
export { CAN_PACK } from './packed-call.ts';
export { addPostings, type NewPosting } from './posting-store.ts';
export { type ContradictingEntry, contradictingEntries } from './entry-contradictions.ts';
export {
  type BucketProof,
  type ProofFault,
  type ProofFinding,
  type VerifiedBucket,
  verifyBucket,
} from './verify-bucket.ts';
export { type NameFinding, type NamesProof, namesProofs, verifyNames } from './verify-names.ts';
export { verifyStrays } from './verify-strays.ts';
export { beginCopy, isStrangeCopy, knownHome, settleFirstHome, settleHome, shareFacts } from './home-store.ts';
export {
  beginLife,
  lastLife,
  type LedgerLife,
  lifeOf,
  type LifeStart,
  markLifePublished,
  readLives,
  unpublishedLives,
} from './life-store.ts';
export { ProvisioningError, type ProvisioningFault, provisioningFaultText } from './provisioning-faults.ts';
export {
  type Account,
  type FactsEntered,
  type Provisioning,
  type ProvisioningChange,
  type ProvisioningOptions,
  bucketsOfProvisioning,
  storeProvisioning,
} from './provisioning-store.ts';
export {
  addQuarantine,
  addedBefore,
  changeQuarantine,
  countQuarantine,
  countWaiting,
  findQuarantined,
  type NewQuarantinedRecord,
  quarantinedHolding,
  quarantinedIdentities,
  quarantinedRecord,
  type Receipt,
  settleableQuarantine,
  settleReadAgain,
  settleUnread,
  type UnreadRecord,
  type QuarantineChange,
  type QuarantineCount,
  type QuarantinedRecord,
  type QuarantinePage,
  type QuarantineState,
  type WaitingCount,
  waitingQuarantine,
} from './quarantine-store.ts';
export { giveUpReread, type RereadStretch, type UnreadPlace, unreadPlaces } from './unread-arrivals.ts';
export {
  type CoverageTotal,
  type DestinationTotal,
  type LineInBreach,
  linesInBreach,
  monthTotals,
  periodTotals,
  type StandingBreach,
} from './report-queries.ts';
export { repeatUnlessInDoubt, repeatWhileCut } from './repeat-while-cut.ts';
export { ROLE_KINDS, type RoleKind } from './rights.ts';
export { lackingRights, passwordVariable, RoleError, type RolesOutcome, setUpRoles } from './roles.ts';
export { DEFAULT_SESSION, type SessionSettings } from './session-settings.ts';
export { type KeptSourceMove, moveSource, readSourceMoves, type SourceMove } from './source-moves.ts';
export { type KeptStake, saveStakes, type StakeSpan, stakesOf } from './stake-store.ts';
export {
  addCounts,
  advanceSource,
  beginPartitions,
  type PartitionBeginning,
  type PartitionPosition,
  readHoles,
  readPartitionPositions,
  readSourceCounts,
  readSourcePosition,
  readSourcePositions,
  type SourceAdvance,
  type SourceCount,
  type SourceHole,
  SourceMovedError,
  type SourcePosition,
  type StretchTally,
} from './source-store.ts';
export {
  findSeenHashes,
  findOwnNumbers,
  giveOwnNumbers,
  type SeenHashes,
  type SharingCall,
  type WatchedHash,
  watchedHashes,
  watchHashes,
} from './shared-hashes.ts';
export { type Parameter, sqlInstant } from './sql-values.ts';
export {
  countStaleQuarantine,
  markAllQuarantineStale,
  markCallsStale,
  markQuarantineStale,
  markReasonsStale,
  markUnpricedStale,
  staleQuarantine,
  takeStaleQuarantine,
} from './stale-quarantine.ts';
export { addStartAcceptances, type StartAcceptance, startAcceptances } from './start-acceptance.ts';
export { type BilledHash, hashesToSettle } from './sweep-queries.ts';
export { addUnresolvedParties, markLinesOfPartiesStale, type UnresolvedParty } from './unresolved-parties.ts';
export {
  countStaleLines,
  markEveryLineStale,
  markLinesStaleSince,
  markLinesOfOfferStale,
  markLinesStale,
  isLineStale,
  linesWithEntries,
  type StaleLine,
  staleLines,
  takeStaleLines,
} from './stale-lines.ts';
export { addEvents, type EventType, type NewEvent } from './outbox-store.ts';
export {
  addRetroactiveChange,
  calledNumbers,
  callsUnderOffer,
  type RatedCalls,
  type RetroactiveChange,
  retroactiveChanges,
  type RetroactiveKind,
} from './retroactive-changes.ts';
export {
  addNumberRepair,
  type KeptNumberRepair,
  listNumberRepairs,
  loadNumberRepairs,
  type NewNumberRepair,
  type NumberRepair,
  type NumberRepairsInForce,
} from './number-repairs.ts';
export { numbersOfTwoLines, type SharedNumber } from './number-holders.ts';
export { type LineSuspension, type ToldHold, saveSuspensions, suspensionsOf } from './suspension-store.ts';
export { type DecisionOnLine, type IncludedCalls, decisionsOnLines, includedCallsOf } from './publishing-queries.ts';
export {
  ensureCursors,
  type Feed,
  lockUnpublishedEvents,
  lockUnpublishedUsage,
  moveCursors,
  unpublished,
  type UnpublishedEvent,
} from './relay-store.ts';
export {
  claimKey,
  findKeptWrite,
  giveBackKey,
  keepAnswer,
  type KeptAnswer,
  type KeptWrite,
  type KeyPlace,
  renewClaim,
} from './idempotency-store.ts';
export { addApiKey, type ApiKey, findApiKey, noteKeyUse, readApiKeys, revokeApiKey } from './key-store.ts';
export {
  type FeedEnd,
  feedEnd,
  feedTotals,
  feedTotalsBy,
  type GroupTotal,
  type KindTotal,
  type TotalsGroup,
} from './feed-end.ts';
export {
  addAuditRecords,
  type AuditAction,
  type AuditedAct,
  type AuditFilter,
  auditHash,
  type AuditRecord,
  auditRecordsAfter,
  NO_RECORD,
  readAuditRecords,
} from './audit-store.ts';
export { deleteConsumer, type FeedConsumer, readConsumers, saveConsumer } from './consumer-store.ts';
export { type FeedEntry, type FeedFilter, FeedReader, type ReadFeed } from './usage-feed.ts';
export {
  type LineName,
  loadDestinationNames,
  loadLineNames,
  loadOfferVersions,
  loadRateDeckNames,
  type RateDeckName,
} from './relay-names.ts';
export { markMonthStale, waitingMonths } from './waiting-months.ts';
export {
  addWebhookEndpoint,
  type DeliveryState,
  dueDeliveries,
  findEvent,
  findWebhookEndpoint,
  holdWebhook,
  listDeliveries,
  noteAttempt,
  type OutboxEvent,
  readWebhookEndpoints,
  releaseWebhook,
  replayDeliveries,
  rotateWebhook,
  setWebhookDisabled,
  takeWebhookEvents,
  type WebhookAttempt,
  type WebhookDelivery,
  type WebhookEndpoint,
  type WebhookScheme,
} from './webhook-store.ts';
export {
  entriesByCoverage,
  type LedgerMeasures,
  ledgerMeasures,
  type SlowMeasures,
  slowMeasures,
} from './metric-queries.ts';
