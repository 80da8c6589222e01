export { patternJson } from './as-data/pattern-data.ts';
export { caseJson, casesJson, lineMonthJson, manyJson } from './as-data/case-data.ts';
export { auditJson } from './as-data/audit-data.ts';
export { AuditTrail } from './audit/audit-trail.ts';
export {
  AUDIT_ACTIONS,
  type AuditFault,
  type AuditPage,
  type AuditRequest,
  type KeptHead,
  readAudit,
  type VerifiedAudit,
  verifyAudit,
} from './audit/read-audit.ts';
export { explainJson, waitingJson } from './as-data/call-data.ts';
export { exactAmount, ownerText, reinstatedBy } from './calls/call-words.ts';
export { effectJson, outcomeJson } from './as-data/decision-data.ts';
export { moneyJson } from './as-data/money-as-of-data.ts';
export { periodJson } from './as-data/period-data.ts';
export { bytesAsJson, recordJson, writeOffJson } from './as-data/quarantine-data.ts';
export { decisionJson, reportJson } from './as-data/report-data.ts';
export { isoEnd, isoInstant, plainMoney } from './as-data/values.ts';
export { type UsagePage, UsageReader, type UsageTotals, usageTotals } from './billing/read-usage.ts';
export { streamUsage, type UsageEnd, type UsageStream } from './billing/stream-usage.ts';
export type { UsageFilter } from './billing/usage-request.ts';
export { monthUnclosedFor } from './billing/month-unclosed.ts';
export { type ConsumerLag, forgetConsumer, listConsumers, reportConsumer } from './billing/consumers.ts';
export { createApiKey, type KeyHolder, keyHolder, type KeyRequest, type MadeKey } from './keys/api-keys.ts';
export { RecentHolders } from './keys/recent-holders.ts';
export { ROLES, ROLE_NAMES, type Role, isRole, scopesOfRoles } from './keys/roles.ts';
export { SCOPES, type Scope, isScope } from './keys/scopes.ts';
export { ENTRY_BYTES, writeEntry } from './billing/entry-json.ts';
export { EntryNames } from './billing/entry-names.ts';
export { JsonBytes, type Piece, piece } from './billing/json-bytes.ts';
export {
  type CallOwner,
  checkExplain,
  explainCall,
  type ExplainedCall,
  type ExplainedCalls,
  type ExplainedPrice,
  type ExplainRequest,
  type NumberSteps,
  type WaitingRecord,
} from './calls/explain-call.ts';
export { type ComparedFaults, compareDecks, type DeckComparison, type DeckText } from './decks/compare-decks.ts';
export { checkDeckImport, type DeckImport, type ImportedDeck, importDeck } from './decks/import-deck.ts';
export {
  type DeckList,
  findDeck,
  type FoundDeck,
  type ListedDeck,
  type ListedSpan,
  listDecks,
} from './decks/list-decks.ts';
export { type DeckFaults, type RegisteredDeck, registerDeck, type StaleWork } from './decks/register-deck.ts';
export { type ListedPeriod, listPeriods, type PeriodList } from './billing/list-periods.ts';
export {
  checkPeriodRequest,
  type MoveOutcome,
  movePeriod,
  type PeriodRequest,
  type Waiting,
} from './billing/move-period.ts';
export { type DecideOutcome, decideCase, type DecidedOn, type Futile } from './cases/decide-case.ts';
export type { CoverageChange, DecisionEffect } from './cases/decision-effect.ts';
export { checkDecision, type DecisionRequest } from './cases/decision-request.ts';
export { type CasePattern, showPattern } from './cases/case-pattern.ts';
export { type CasePage, type CasesRequest, checkCases, listCases } from './cases/list-cases.ts';
export { accountOfCase, actOnCase, actWithin, type ActRequest, type CaseKey } from './cases/act-on-case.ts';
export {
  actOnMany,
  actOnManyWithin,
  type ManyAct,
  type ManyOutcome,
  type ManyRequest,
  MOST_CASES,
} from './cases/act-on-many.ts';
export {
  forgetView,
  keepView,
  type KeptView,
  listViews,
  type ViewOwner,
  type ViewRequest,
} from './cases/saved-views.ts';
export { CASE_STATES, FILTER_WORDS, type FilterContext, looksForDigits, parseCaseFilter } from './cases/case-filter.ts';
export {
  type CaseCount,
  countCases,
  type EachCase,
  everyCase,
  type FindRequest,
  pageOfCases,
} from './cases/find-cases.ts';
export { type LineMonth, type MonthCall, monthCalls, showLineMonth } from './cases/line-month.ts';
export { undoDecision } from './cases/undo-decision.ts';
export { type CaseRequest, checkCase, type ShownCase, showCase } from './cases/show-case.ts';
export { type BreachStatus, decisionText, evidenceText, isFinding, showDay } from './cases/evidence-text.ts';
export { type ExplainedLeg, explainLegs } from './calls/explain-legs.ts';
export type { LedgerAccess, LedgerReading } from './ledger-access.ts';
export { ledgerCivilTime, ledgerTimeZone } from './ledger-civil-time.ts';
export {
  checkOfferImport,
  type ImportedOffer,
  importOffer,
  type OfferFaults,
  type OfferImport,
} from './offers/import-offer.ts';
export { type OfferDifference, type OfferNamed, compareOffers, findOffer } from './offers/compare-offers.ts';
export { type LintedOffer, lintOffer } from './offers/lint-offer.ts';
export { type ListedOffer, listOffers, type OfferList } from './offers/list-offers.ts';
export { formatOfferFault, parseOffer } from './provisioning/parse-offer.ts';
export {
  checkLinesImport,
  type ImportedLines,
  findLinesFaults,
  importLines,
  type LinesFault,
  type LinesFaults,
  type LinesImport,
} from './provisioning/import-lines.ts';
export { changeLine, type DatedChange } from './provisioning/change-line.ts';
export {
  type EditFault,
  type EditFaults,
  editLines,
  findEditFaults,
  type GivenLine,
  type LinesEdit,
} from './provisioning/edit-lines.ts';
export { type LineData, lineData } from './provisioning/line-data.ts';
export { type VersionedLine, readLineVersion } from './provisioning/line-version.ts';
export {
  readAccount,
  readAccountHistory,
  readAccounts,
  readLine,
  readLineHistory,
  readLines,
} from './provisioning/read-lines.ts';
export { type StoredLines, storeLines } from './provisioning/store-lines.ts';
export type { ProvisioningTexts } from './provisioning/parse-provisioning.ts';
export { type QuoteData, type QuotedCall, quoteCall } from './quotes/quote-call.ts';
export { type NumberData, isPossibleNumber, numberData } from './numbers/shown-number.ts';
export { checkTakeOver, takeOver, type TakeOverRequest, type TakenOver } from './life/take-over.ts';
export { type AcceptRequest, type AcceptedStarts, acceptStarts, checkAccept } from './quarantine/accept-starts.ts';
export {
  checkQuarantine,
  checkRecord,
  type ListedRecord,
  type ListedState,
  listQuarantine,
  type QuarantineList,
  type QuarantineRequest,
  type ShownRecord,
  showRecord,
} from './quarantine/list-quarantine.ts';
export {
  checkWriteOff,
  type Reopened,
  reopenRecords,
  type WriteOffRequest,
  writeOffRecords,
  type WrittenOff,
} from './quarantine/write-off.ts';
export { isQuarantineReason, QUARANTINE_REASONS, type QuarantineReason } from './quarantine/reasons.ts';
export {
  checkReplay,
  type ReplayedQuarantine,
  type ReplayRequest,
  replayQuarantine,
  type StartWindows,
} from './quarantine/replay-quarantine.ts';
export {
  checkRepair,
  listRepairs,
  type NumberRepairList,
  type NumberRepairRequest,
  repairNumbers,
  type RepairedNumbers,
  type TriedRepair,
  tryRepair,
} from './quarantine/repair-numbers.ts';
export { type OtherwiseExample, type ReadOtherwise, readOtherwise } from './quarantine/read-otherwise.ts';
export {
  type Refusal,
  type RefusalCode,
  REFUSALS,
  type Refused,
  refusal,
  refusalSentence,
  refused,
} from './refusals.ts';
export { type RatedAgain, rateAgain } from './rate-again.ts';
export { type MoneyAsOf, readMoneyAsOf } from './reports/read-money-as-of.ts';
export {
  currencyOf,
  type LineReport,
  type Report,
  type ReportedBreach,
  type ReportedLine,
  readLineReport,
  readReport,
} from './reports/read-report.ts';
export { parsePeriod, showInstant, showPeriod } from './value-text.ts';
export { checkReport, type PeriodReport, reportPeriod } from './reports/report-period.ts';
export type { MadeRetroactive, RetroactiveRequest } from './retroactive.ts';
export {
  checkSettle,
  type HoleList,
  listHoles,
  settleHole,
  type SettledHole,
  type SettleRequest,
} from './sources/holes.ts';
export {
  checkMove,
  type MovedPosition,
  movePosition,
  type MoveRequest,
  type SourceHistory,
  sourceHistory,
} from './sources/move-position.ts';
export { type KeptProof, readProof, type ReadProof } from './verify/kept-proof.ts';
export {
  type ExplainedFinding,
  type VerifiedLedger,
  verifyLedger,
  type VerifyRequest,
} from './verify/verify-ledger.ts';
export {
  WEBHOOK_EVENTS,
  type MadeWebhook,
  createWebhook,
  findWebhook,
  findWebhookEvent,
  replayWebhook,
  rotateWebhookSecret,
  showWebhookSecret,
  switchWebhook,
} from './webhooks/manage-webhooks.ts';
export { type WebhookSettings, deliverWebhooks, webhookId } from './webhooks/deliver.ts';
export { isPrivateAddress } from './webhooks/post-guarded.ts';
export { periodText } from '../engine/index.ts';
