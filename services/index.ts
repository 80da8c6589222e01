export { type StoredLines, storeLines } from './provisioning/store-lines.ts';
export { type DecideOutcome, decideCase, type DecidedOn, type Futile } from './cases/decide-case.ts';
export type { CoverageChange, DecisionEffect } from './cases/decision-effect.ts';
export { checkDecision, type DecisionRequest } from './cases/decision-request.ts';
export { type CasePage, type CasesRequest, checkCases, listCases } from './cases/list-cases.ts';
export { type CaseRequest, checkCase, type ShownCase, showCase } from './cases/show-case.ts';
export { decisionText, evidenceText, isFinding, showDay, type Standing } from './cases/evidence-text.ts';
export { type ExplainedLeg, explainLegs } from './explain-legs.ts';
export type { LedgerAccess, LedgerReading } from './ledger-access.ts';
export { ledgerCivilTime } from './ledger-civil-time.ts';
export { formatOfferFault, parseOffer } from './provisioning/parse-offer.ts';
export {
  type ParsedProvisioning,
  type ProvisioningTexts,
  parseProvisioning,
} from './provisioning/parse-provisioning.ts';
export {
  type Refusal,
  type RefusalCode,
  REFUSALS,
  type Refused,
  refusal,
  refusalSentence,
  refused,
} from './refusals.ts';
export {
  type LineReport,
  type Report,
  type ReportedBreach,
  type ReportedLine,
  readLineReport,
  readReport,
} from './reports/read-report.ts';
export { parsePeriod, showInstant, showPeriod } from './value-text.ts';
