import { usageError } from '../command-error.ts';
import type { PlaceOptions } from '../config.ts';
import { withLedger } from '../open-ledger.ts';
import { parsePeriod, plural } from '../show-values.ts';
import { type Terminal, print } from '../terminal.ts';

/**
 * `fairtally quarantine sweep [period]`: settles calls that are billed under two accounts or in two months, since no
 * worker had their records in memory together.
 */
export async function sweep(period: string | undefined, options: PlaceOptions, terminal: Terminal): Promise<void> {
  const parsed = period === undefined ? undefined : parsePeriod(period);
  if (parsed === null) throw usageError(`Cannot use period '${period ?? ''}': it is no month such as '2026-11'`);
  await withLedger(options, terminal, async ({ engine }) => {
    const swept = await engine.sweep(parsed === undefined ? null : [parsed]);
    print(
      terminal,
      swept === 0 ? 'No call is billed twice' : `${plural(swept, 'call')} billed twice: one record of each is`,
    );
  });
}
