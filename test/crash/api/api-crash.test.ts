import { describe, expect, it } from 'vitest';
import { killsOf, reportText } from '../report.ts';
import { shortApiSettings } from './api-faults.ts';
import { runApiCrashTest } from './run-api-crash.ts';

/** The same month and faults each time, at other moments: CRASH_SEED makes others. */
const SEED = process.env['CRASH_SEED'] ?? '20261129';

describe('posts and the feed, whatever dies', () => {
  it('has each posted record once, and a reader every entry once', async () => {
    const said: string[] = [];
    const report = await runApiCrashTest(shortApiSettings(SEED), (text) => said.push(text));
    if (report.differences.length > 0) throw new Error([...said, reportText(report)].join('\n'));
    expect(killsOf(report)).toBeGreaterThanOrEqual(5);
  }, 400_000);
});
