import { changesSince, countQuarantine, ledgerCharge, ledgerUnits, readHeads } from '../ledger/index.ts';
import type { Ledger } from './ledger.ts';
import { plural, showCount, showMoney } from './show-values.ts';

/**
 * Judges again what a change has touched, and says what that came to: calls charged otherwise, calls that came out of
 * quarantine, and the metered total before and after.
 */
export async function rateAgain({ db, engine }: Pick<Ledger, 'db' | 'engine'>): Promise<string[]> {
  const heads = await readHeads(db);
  const before = await ledgerCharge(db);
  const keptBefore = await waitingOf(db);
  await engine.catchUp();
  const { corrected, otherCoverage, otherCharge, newlyRated, reversed, charge } = await changesSince(db, heads);
  const waiting = await waitingOf(db);
  const currency = (await ledgerUnits(db)).currency ?? 'EUR';
  const parts = [
    `${plural(corrected, 'call')} rated anew (${showCount(otherCharge)} charged otherwise, ${showCount(otherCoverage)} of another coverage)`,
    ...(newlyRated === 0 ? [] : [`${plural(newlyRated, 'call')} rated from quarantine or for another line`]),
    ...(reversed === 0 ? [] : [`${plural(reversed, 'call')} billed no more`]),
  ];
  return [
    corrected + newlyRated + reversed === 0 ? 'No call is rated otherwise than before' : parts.join(', '),
    charge === 0
      ? `Metered total ${showMoney(before)} ${currency}, as before`
      : `Metered total ${showMoney(before)} -> ${showMoney(before + charge)} ${currency}`,
    ...(waiting === keptBefore
      ? []
      : [`Waiting in quarantine: ${plural(keptBefore, 'record')} -> ${showCount(waiting)}`]),
  ];
}

async function waitingOf(db: Ledger['db']): Promise<number> {
  const counts = await countQuarantine(db);
  return counts.reduce((sum, { state, records }) => (state === 'waiting' ? sum + records : sum), 0);
}
