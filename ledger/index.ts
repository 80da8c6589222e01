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
} from './cases/breach-store.ts';
export {
  type CaseFilter,
  type CaseSum,
  caseHistory,
  caseNumbers,
  type CaseNumbers,
  type CasePlace,
  correctionsOf,
  findCases,
  type FoundCase,
  type OtherCaller,
  otherCallers,
  type PostedCorrections,
  sumCases,
} from './cases/case-queries.ts';
export { evidenceOfMonths, type LineMonthKey, sumsOfMonths } from './cases/far-over.ts';
export { addCaseAct, type CaseAct, caseActs, hasCase, type KeptCaseAct } from './cases/case-acts.ts';
export { addView, type NewView, type SavedView, viewsOf } from './cases/view-store.ts';
export type { CaseClause, Comparison } from './cases/case-clauses.ts';
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
} from './records/registration-store.ts';
export { addBilledCalls, type BilledCall, findBilledCalls } from './entries/billed-calls.ts';
export { latestRecords } from './entries/latest-records.ts';
export { type CallKey, callsOfLine, findCalls, type PostedCall } from './entries/call-queries.ts';
export {
  callsOnceRated,
  callsPricedAlike,
  callsPricedAlikeSince,
  changesSince,
  ledgerCharge,
  type PostedChange,
  type OnceRated,
  type PricedAlike,
} from './entries/change-queries.ts';
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
} from './catalogue/catalogue.ts';
export { addToDeckSchedule, type KeptDeckScheduleEntry, loadDeckSchedule } from './catalogue/deck-schedule.ts';
export { copyDatabaseDirectory } from './embedded/copy-directory.ts';
export { CommitInDoubtError } from './database/commit-in-doubt.ts';
export type { Database, Queryable, Transaction } from './database/database.ts';
export { type DatabasePlace, openDatabase } from './database/open-database.ts';
export { prepareLedger } from './embedded/prepare-ledger.ts';
export { DatabaseError, type DatabaseErrorCode } from './database/database-error.ts';
export type { KeptLeg, LegPlace } from './records/kept-leg.ts';
export { LegRows } from './records/leg-copy.ts';
export { addLegs, comparePlaces, legsAt, legsOfCallId, lockLegHeads, readLegHeads } from './records/leg-store.ts';
export { canLogIn } from './database/log-in.ts';
export { type BucketStretch, ENTRY_COPY_STATEMENT, EntryCopyBuffer, type OrderedCopy } from './entries/entry-copy.ts';
export { type ListedAccount, listAccounts, listLines } from './provisioning/account-queries.ts';
export { type AccountChange, accountChanges } from './provisioning/account-change-store.ts';
export { type LineChange, lineChanges } from './provisioning/line-change-store.ts';
export {
  accountOfId,
  loadDirectory,
  loadLines,
  type NumberedAccount,
  type NumberedLine,
} from './provisioning/directory-store.ts';
export {
  type CallSearch,
  entriesOfCall,
  type ExplainedEntry,
  findCallId,
  type FoundCall,
} from './billing/explain-queries.ts';
export {
  type HoleSettlement,
  type KeptHoleSettlement,
  readHoleSettlements,
  settleHole,
} from './sources/hole-settlements.ts';
export { countFactChange, type Head, headPosition, lockFacts, lockHeads, readHeads } from './entries/head-store.ts';
export {
  migrate,
  type Migration,
  MigrationError,
  type MigrationFault,
  migrationOf,
  readMigrations,
} from './schema/migrate.ts';
export { CallRuns } from './stretches/call-runs.ts';
export { loadEveryLine } from './provisioning/load-every-line.ts';
export type { Identities, MonthCall } from './entries/month-call.ts';
export type { MonthVisitor } from './entries/month-calls.ts';
export type { KeptCall, PackedBlock } from './stretches/packed-block.ts';
export { type LedgerAt, estimateEntries, visitMonth } from './entries/month-stream.ts';
export { entriesBetween, type FeedStretch, type MovedEntries, type MovedEntry } from './entries/moved-entries.ts';
export {
  ensurePeriod,
  hasPeriod,
  isRightMissing,
  makePeriods,
  mayMakePeriods,
  missingPeriods,
  partitionOf,
} from './schema/partitions.ts';
export { patientDatabase, type PatienceNews } from './database/patient-database.ts';
export { busiestPeriod, periodsWithEntries } from './billing/period-queries.ts';
export { PostingDigests } from './proof/posting-digests.ts';
export {
  addPeriodMove,
  countWaitingBetween,
  keepWhatCloseSaw,
  loadClosedThrough,
  loadPeriodMoves,
  loadSeenBreaches,
  type PeriodMove,
  readClosePositions,
} from './billing/period-store.ts';
export {
  type LineMoney,
  moneyByDay,
  moneyByLine,
  type MoneySum,
  type Positions,
  positionsAsOf,
} from './entries/as-of.ts';
export { addStretches, type UnpackedGap, unpackedGaps } from './stretches/stretch-store.ts';
export { packGap } from './stretches/pack-gap.ts';
export { CAN_PACK } from './stretches/packed-call.ts';
export { addPostings, type NewPosting } from './proof/posting-store.ts';
export { type ContradictingEntry, contradictingEntries } from './entries/entry-contradictions.ts';
export {
  type BucketProof,
  type ProofFault,
  type ProofFinding,
  type VerifiedBucket,
  verifyBucket,
} from './proof/verify-bucket.ts';
export { type NameFinding, type NamesProof, namesProofs, verifyNames } from './proof/verify-names.ts';
export { verifyStrays } from './proof/verify-strays.ts';
export { beginCopy, isStrangeCopy, knownHome, settleFirstHome, settleHome, shareFacts } from './sources/home-store.ts';
export {
  beginLife,
  lastLife,
  type LedgerLife,
  lifeOf,
  type LifeStart,
  markLifePublished,
  readLives,
  unpublishedLives,
} from './sources/life-store.ts';
export {
  ProvisioningError,
  type ProvisioningFault,
  provisioningFaultText,
} from './provisioning/provisioning-faults.ts';
export {
  type Account,
  type FactsEntered,
  type Provisioning,
  type ProvisioningChange,
  type ProvisioningOptions,
  bucketsOfProvisioning,
  provisioningFaults,
  storeProvisioning,
} from './provisioning/provisioning-store.ts';
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
} from './records/quarantine-store.ts';
export * from './records/write-off-store.ts';
export { giveUpReread, type RereadStretch, type UnreadPlace, unreadPlaces } from './sources/unread-arrivals.ts';
export { type CoverageTotal, type DestinationTotal, monthTotals } from './billing/month-totals.ts';
export { type LineInBreach, linesInBreach, type StandingBreach } from './billing/report-queries.ts';
export { repeatUnlessInDoubt, repeatWhileCut } from './database/repeat-while-cut.ts';
export { ROLE_KINDS, type RoleKind } from './schema/rights.ts';
export { lackingRights, passwordVariable, RoleError, type RolesOutcome, setUpRoles } from './schema/roles.ts';
export { DEFAULT_SESSION, type SessionSettings } from './database/session-settings.ts';
export { type KeptSourceMove, moveSource, readSourceMoves, type SourceMove } from './sources/source-moves.ts';
export { type KeptStake, saveStakes, type StakeSpan, stakesOf } from './cases/stake-store.ts';
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
} from './sources/source-store.ts';
export {
  findSeenHashes,
  findOwnNumbers,
  giveOwnNumbers,
  type SeenHashes,
  type SharingCall,
  type WatchedHash,
  watchedHashes,
  watchHashes,
} from './entries/shared-hashes.ts';
export { type Parameter, sqlInstant } from './database/sql-values.ts';
export {
  countStaleQuarantine,
  markAllQuarantineStale,
  markCallsStale,
  markQuarantineStale,
  markReasonsStale,
  markUnpricedStale,
  staleQuarantine,
  takeStaleQuarantine,
} from './records/stale-quarantine.ts';
export { addStartAcceptances, type StartAcceptance, startAcceptances } from './records/start-acceptance.ts';
export { type BilledHash, hashesToSettle } from './entries/sweep-queries.ts';
export { addUnresolvedParties, markLinesOfPartiesStale, type UnresolvedParty } from './records/unresolved-parties.ts';
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
} from './cases/stale-lines.ts';
export { addEvents, type EventType, type NewEvent } from './publishing/outbox-store.ts';
export {
  addRetroactiveChange,
  calledNumbers,
  callsUnderOffer,
  type RatedCalls,
  type RetroactiveChange,
  retroactiveChanges,
  type RetroactiveKind,
} from './catalogue/retroactive-changes.ts';
export {
  addNumberRepair,
  type KeptNumberRepair,
  listNumberRepairs,
  loadNumberRepairs,
  type NewNumberRepair,
  type NumberRepair,
  type NumberRepairsInForce,
} from './catalogue/number-repairs.ts';
export { numbersOfTwoLines, type SharedNumber } from './provisioning/number-holders.ts';
export { type LineSuspension, type ToldHold, saveSuspensions, suspensionsOf } from './cases/suspension-store.ts';
export {
  type DecisionOnLine,
  type IncludedCalls,
  decisionsOnLines,
  includedCallsOf,
} from './publishing/publishing-queries.ts';
export {
  ensureCursors,
  type Feed,
  lockUnpublishedEvents,
  lockUnpublishedUsage,
  moveCursors,
  unpublished,
  type UnpublishedEvent,
} from './publishing/relay-store.ts';
export {
  claimKey,
  findKeptWrite,
  giveBackKey,
  keepAnswer,
  type KeptAnswer,
  type KeptWrite,
  type KeyPlace,
  renewClaim,
} from './access/idempotency-store.ts';
export { addApiKey, type ApiKey, findApiKey, noteKeyUse, readApiKeys, revokeApiKey } from './access/key-store.ts';
export {
  type FeedEnd,
  feedEnd,
  feedTotals,
  feedTotalsBy,
  type GroupTotal,
  type KindTotal,
  type TotalsGroup,
} from './entries/feed-end.ts';
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
} from './access/audit-store.ts';
export { deleteConsumer, type FeedConsumer, readConsumers, saveConsumer } from './billing/consumer-store.ts';
export { type FeedEntry, type FeedFilter, FeedReader, type ReadFeed } from './entries/usage-feed.ts';
export {
  type LineName,
  loadDestinationNames,
  loadLineNames,
  loadLineNamesBetween,
  loadOfferVersions,
  loadRateDeckNames,
  type RateDeckName,
} from './publishing/relay-names.ts';
export { markMonthStale, waitingMonths } from './records/waiting-months.ts';
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
} from './publishing/webhook-store.ts';
export {
  entriesByCoverage,
  type LedgerMeasures,
  ledgerMeasures,
  type SlowMeasures,
  slowMeasures,
} from './metric-queries.ts';
