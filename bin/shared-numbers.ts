import { type Queryable, numbersOfTwoLines } from '../ledger/index.ts';
import { ledgerCivilTime } from '../services/index.ts';
import { showInstant } from './show-values.ts';

/**
 * Numbers that two lines of the ledger have at one time: the ledger refuses that today, and may hold some of before. A
 * sentence for each, with what to do.
 */
export async function sharedNumberWarnings(q: Queryable): Promise<string[]> {
  const shared = await numbersOfTwoLines(q);
  if (shared.length === 0) return [];
  const civilTime = await ledgerCivilTime(q);
  return shared.map(({ number, holder, other, from, to }) => {
    const span = `from ${showInstant(from, civilTime)} to ${showInstant(to, civilTime)}`;
    return (
      `WARNING: lines '${holder.line}' and '${other.line}' both have number '+${number}' ${span}: ` +
      `import one of them with a span that ends before, or without the number`
    );
  });
}
