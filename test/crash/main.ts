import { startLoad } from './load.ts';
import { reportText } from './report.ts';
import { runCrashTest } from './run-crash-test.ts';
import { readRuns } from './settings.ts';

// `npm run test:crash [-- --long] [--seed TEXT] [--seeds N] [--calls N] [--beside-load]`: ends with 1 when anything
// is not as it should be.
const seconds = (): string => (performance.now() / 1000).toFixed(1).padStart(7);
const { runs, isBesideLoad } = readRuns(process.argv.slice(2), String(Date.now()));
const stopLoad = isBesideLoad ? startLoad() : null;
const wrong: string[] = [];
try {
  for (const settings of runs) {
    const report = await runCrashTest(settings, (text) => console.error(`${seconds()} s  ${text}`));
    console.log(`${reportText(report)}\n`);
    if (report.differences.length > 0) wrong.push(settings.seed);
  }
} finally {
  stopLoad?.();
}
if (runs.length > 1) console.log(`${runs.length} runs, ${wrong.length} with differences ${wrong.join(' ')}`.trimEnd());
process.exitCode = wrong.length === 0 ? 0 : 1;
