export { isCostlyNature, type Destination, type DestinationClass, type RangeNature } from './numbering/destination.ts';
export { formatNumber, isShortCode } from './numbering/format-number.ts';
export { normalise, type Normalised } from './numbering/normalise.ts';
export { lintIncluded, type IncludedSelection, type LintFinding } from './numbering/lint-included.ts';
export { NumberingTablesError, type NumberingFault } from './numbering/numbering-fault.ts';
export {
  compileNumberingPlan,
  type Classified,
  type NumberingPlan,
  type PrefixStep,
} from './numbering/numbering-plan.ts';
export type { NumberingTables, TableText } from './numbering/numbering-tables.ts';
export { readDialled, type Dialled, type DialledForm } from './numbering/read-dialled.ts';
export { isCuredByNewerPlan, REFUSAL_CODES, type RefusalCode } from './numbering/refusal.ts';
