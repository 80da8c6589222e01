import { reportText } from './report.ts';
import { runCrashTest } from './run-crash-test.ts';
import { readSettings } from './settings.ts';

// `npm run test:crash [-- --long] [--seed TEXT] [--calls N]`: ends with 1 when anything is not as it should be.
const seconds = (): string => (performance.now() / 1000).toFixed(1).padStart(7);
const settings = readSettings(process.argv.slice(2), String(Date.now()));
const report = await runCrashTest(settings, (text) => console.error(`${seconds()} s  ${text}`));
console.log(reportText(report));
process.exitCode = report.differences.length === 0 ? 0 : 1;
