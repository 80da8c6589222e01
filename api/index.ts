export type { AuditPage } from './routes/audit.ts';
export type { CasePattern } from './routes/case-pattern.ts';
export type { BulkBody, BulkOutcome, CaseActBody } from './routes/case-acts.ts';
export type { CaseCount, CasePage, DecisionBody, DecisionOutcome, ListedCase, UndoBody } from './routes/cases.ts';
export type { DeckComparison, DeckList, ImportedDeck, OfferList } from './routes/catalogue.ts';
export type { AccountList, LineList, LinesStored, NewLines } from './routes/lines.ts';
export type { Consumers } from './routes/consumers.ts';
export type { Login, LoginBody, LoggedIn } from './routes/login.ts';
export type { Numbering, NumberRepairBody, NumbersRepaired } from './routes/numbering.ts';
export type { Others } from './routes/presence.ts';
export type {
  AcceptedStarts,
  QuarantinePage,
  ReopenedRecords,
  Replayed,
  WrittenOffRecords,
} from './routes/quarantine.ts';
export type { Me } from './routes/me.ts';
export type { NewViewBody, SavedViews } from './routes/views.ts';
export type { ShownCase } from './routes/shown-case.ts';
export type { Problem } from './problem.ts';
export { type ApiParts, buildServer } from './server.ts';
export type { SignInSettings } from './sign-in.ts';
export { type People, type PeopleSettings, peopleBy } from './people.ts';
export type { TraceSettings } from './traces.ts';
