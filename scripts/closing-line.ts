/** Prints one closing line for all test runs together: `N passed, N failed, N skipped`. */
import { readFileSync } from 'node:fs';

interface RunResult {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
}

const runs = process.argv.slice(2).map((file) => JSON.parse(readFileSync(file, 'utf8')) as RunResult);
const sum = (count: (run: RunResult) => number): number => runs.reduce((total, run) => total + count(run), 0);
console.log(
  `${sum((run) => run.numPassedTests)} passed, ${sum((run) => run.numFailedTests)} failed, ${sum((run) => run.numPendingTests)} skipped`,
);
