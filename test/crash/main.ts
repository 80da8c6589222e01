import { longApiSettings, shortApiSettings } from './api/api-faults.ts';
import { runApiCrashTest } from './api/run-api-crash.ts';
import { startLoad } from './load.ts';
import { reportText } from './report.ts';
import { runCrashTest } from './run-crash-test.ts';
import { readRuns } from './settings.ts';

// `npm run test:crash [-- --long] [--seed TEXT] [--seeds N] [--calls N] [--beside-load]`: ends with 1 when anything
// is not as it should be.
const seconds = (): string => (performance.now() / 1000).toFixed(1).padStart(7);
const log = (text: string): void => console.error(`${seconds()} s  ${text}`);
const { runs, isLong, isBesideLoad } = readRuns(process.argv.slice(2), String(Date.now()));
const stopLoad = isBesideLoad ? startLoad() : null;
const wrong: string[] = [];
try {
  for (const settings of runs) {
    const { seed } = settings;
    const report = await runCrashTest(settings, log);
    console.log(`${reportText(report)}\n`);
    const apiReport = await runApiCrashTest(isLong ? longApiSettings(seed) : shortApiSettings(seed), log);
    console.log(`The API\n${reportText(apiReport)}\n`);
    if (report.differences.length + apiReport.differences.length > 0) wrong.push(seed);
  }
} finally {
  stopLoad?.();
}
if (runs.length > 1) console.log(`${runs.length} runs, ${wrong.length} with differences ${wrong.join(' ')}`.trimEnd());
process.exitCode = wrong.length === 0 ? 0 : 1;
