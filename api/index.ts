export type { CasePattern } from './routes/case-pattern.ts';
export type { BulkBody, BulkOutcome, CaseActBody } from './routes/case-acts.ts';
export type { CaseCount, CasePage, DecisionBody, DecisionOutcome, ListedCase, UndoBody } from './routes/cases.ts';
export type { Me } from './routes/me.ts';
export type { ShownCase } from './routes/shown-case.ts';
export type { Problem } from './problem.ts';
export { type ApiParts, buildServer } from './server.ts';
