import type { RatedAgain } from '../services/index.ts';
import { plural, showCount, showMoney } from './show-values.ts';

/**
 * What it came to that calls were judged again: those charged otherwise, those that came out of quarantine, and the
 * metered total before and after.
 */
export function ratedAgainText({ changes, currency, chargeBefore, waitingBefore, waiting }: RatedAgain): string[] {
  const { corrected, otherCoverage, otherCharge, newlyRated, reversed, charge } = changes;
  const parts = [
    `${plural(corrected, 'call')} rated anew (${showCount(otherCharge)} charged otherwise, ${showCount(otherCoverage)} of another coverage)`,
    ...(newlyRated === 0 ? [] : [`${plural(newlyRated, 'call')} rated from quarantine or for another line`]),
    ...(reversed === 0 ? [] : [`${plural(reversed, 'call')} billed no more`]),
  ];
  return [
    corrected + newlyRated + reversed === 0 ? 'No call is rated otherwise than before' : parts.join(', '),
    charge === 0
      ? `Metered total ${showMoney(chargeBefore)} ${currency}, as before`
      : `Metered total ${showMoney(chargeBefore)} -> ${showMoney(chargeBefore + charge)} ${currency}`,
    ...(waiting === waitingBefore
      ? []
      : [`Waiting in quarantine: ${plural(waitingBefore, 'record')} -> ${showCount(waiting)}`]),
  ];
}
