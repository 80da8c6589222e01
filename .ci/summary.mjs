// Says what the test runs of `.ci/run` came to: first each failed test, with its file and what it said, then as the
// last line `N passed, N failed`. Only the end of a long output may be kept, so what failed is said there.
//
// node .ci/summary.mjs REPORT.json …     each a report of Vitest's JSON reporter
//
// A report that can't be read counts as one failed. So does a test file that could not even be loaded, for it has no
// test to count, and a test that was skipped or is yet to be written: nothing is to pass for tested that was not.
import { readFileSync } from 'node:fs';
import { basename, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

const LINES_OF_A_FAILURE = 12;

let passed = 0;
let failed = 0;

function fail(name, message) {
  failed += 1;
  const said = stripVTControlCharacters(message).trim();
  console.log(`\nFailed: ${name}`);
  for (const line of said.split('\n').slice(0, LINES_OF_A_FAILURE)) console.log(`  ${line.slice(0, 300)}`);
}

for (const path of process.argv.slice(2)) {
  const step = basename(path, '.json');
  let report;
  try {
    report = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    fail(step, `its report cannot be read: ${error.message}`);
    continue;
  }
  const failedBefore = failed;
  passed += report.numPassedTests;
  for (const file of report.testResults) {
    const name = relative(process.cwd(), file.name);
    for (const test of file.assertionResults) {
      if (test.status !== 'passed') {
        const { status, failureMessages } = test;
        fail(`${name}: ${test.fullName}`, status === 'failed' ? failureMessages.join('\n') : `it was ${status}`);
      }
    }
    if (file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed')) {
      fail(name, file.message || 'the file failed, but none of its tests');
    }
  }
  if (!report.success && failed === failedBefore) {
    fail(step, 'the run failed, but none of its tests: see the errors that were printed above');
  }
}

console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
