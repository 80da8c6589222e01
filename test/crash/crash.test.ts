import { describe, expect, it } from 'vitest';
import { killsOf, reportText } from './report.ts';
import { runCrashTest } from './run-crash-test.ts';
import { shortSettings } from './settings.ts';

/** The same month and faults each time, at other moments: CRASH_SEED makes others. */
const SEED = process.env['CRASH_SEED'] ?? '20261121';

describe('invariant 2, whatever dies', () => {
  it('leaves the ledger as the oracle says it must be, and no position skipped', async () => {
    const said: string[] = [];
    const report = await runCrashTest(shortSettings(SEED), (text) => said.push(text));
    if (report.differences.length > 0) throw new Error([...said, reportText(report)].join('\n'));
    expect(killsOf(report)).toBeGreaterThanOrEqual(5);
  }, 400_000);
});
