import { type OfferFaults, formatOfferFault } from '../../services/index.ts';
import type { FieldProblem } from '../problem.ts';

/** The faults of an offer's text, each by its field. @param base the pointer of the text: `/text` */
export function offerProblems(name: string, faults: OfferFaults['faults'], base: string): FieldProblem[] {
  return faults.map((fault) => ({
    code: 'invalid-value',
    detail: formatOfferFault(name, fault),
    pointer: [base, ...fault.path.split(/[.[\]]+/).filter((part) => part !== '')].join('/'),
  }));
}
