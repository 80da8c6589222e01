/**
 * What a period (a month of bills) is: `open` while its calls come in; `closing` while people check it, and its entries
 * still go into it; `closed` for good: its bill never changes again.
 */
export type PeriodState = 'open' | 'closing' | 'closed';

export const PERIOD_STATES: readonly PeriodState[] = ['open', 'closing', 'closed'];

/** From each state, the states to which a period may be moved. */
const MOVES: Readonly<Record<PeriodState, readonly PeriodState[]>> = {
  open: ['closing'],
  closing: ['open', 'closed'],
  closed: [],
};

/** Whether a period may be moved from one state to another. */
export function mayMovePeriod(from: PeriodState, to: PeriodState): boolean {
  return MOVES[from].includes(to);
}
