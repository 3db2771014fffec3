/**
 * `npm test`: everything that has to hold, one suite after the other, and as its last line how many tests passed
 * and failed. A check without tests of its own (format, types, lint, build) counts as one test. The numbers come
 * from the reports of what really ran; a suite that dies or runs nothing counts as a failure.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './fingerprint.js';

/**
 * @typedef {{ passed: number, failed: number, skipped: number }} Counts
 * @typedef {{ numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests: number,
 *   testResults: { status: string, assertionResults: unknown[] }[] }} VitestReport
 * @typedef {{ stats: { expected: number, unexpected: number, flaky: number, skipped: number },
 *   errors: unknown[] }} PlaywrightReport
 */

const reports = mkdtempSync(join(tmpdir(), 'amp-playground-test-'));

/**
 * @param {string} title
 * @param {string[]} npmArguments
 * @param {Record<string, string>} [environment]
 */
function run(title, npmArguments, environment = {}) {
  console.log(`\n--- ${title}`);
  const { status } = spawnSync('npm', npmArguments, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...environment },
    shell: process.platform === 'win32',
  });
  return status === 0;
}

/**
 * @param {string} title
 * @param {string[]} npmArguments
 * @returns {Counts}
 */
function check(title, npmArguments) {
  const ok = run(title, npmArguments);
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 };
}

/**
 * @template Report
 * @param {string} file
 * @param {(report: Report) => Counts} count
 * @param {boolean} ok whether the runner itself was content
 * @returns {Counts}
 */
function countReport(file, count, ok) {
  /** @type {Counts} */
  let counts = { passed: 0, failed: 0, skipped: 0 };
  try {
    counts = count(/** @type {Report} */ (JSON.parse(readFileSync(file, 'utf8'))));
  } catch (error) {
    console.error(`no usable report: ${String(error)}`);
  }
  const ranNothing = counts.passed + counts.failed === 0;
  if (ranNothing || (!ok && counts.failed === 0)) counts.failed += 1;
  return counts;
}

/**
 * @param {string} title
 * @param {string} reason
 * @returns {Counts}
 */
function notRun(title, reason) {
  console.error(`\n--- ${title}: not run, ${reason}`);
  return { passed: 0, failed: 1, skipped: 0 };
}

/** @returns {Counts} */
function unitTests() {
  const file = join(reports, 'unit.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const ok = run('unit tests', ['run', '-s', 'test:unit', '--', ...reporters]);
  return countReport(
    file,
    (/** @type {VitestReport} */ report) => ({
      passed: report.numPassedTests,
      // A file that cannot be loaded fails without having tests.
      failed:
        report.numFailedTests +
        report.testResults.filter((each) => each.status === 'failed' && each.assertionResults.length === 0)
          .length,
      skipped: report.numPendingTests + report.numTodoTests,
    }),
    ok,
  );
}

/** @returns {Counts} */
function endToEndTests() {
  const file = join(reports, 'e2e.json');
  const ok = run('end-to-end tests', ['exec', '--', 'playwright', 'test'], {
    PLAYWRIGHT_JSON_OUTPUT_FILE: file,
  });
  return countReport(
    file,
    (/** @type {PlaywrightReport} */ { stats, errors }) => ({
      passed: stats.expected,
      failed: stats.unexpected + stats.flaky + errors.length,
      skipped: stats.skipped,
    }),
    ok,
  );
}

const suites = [
  check('format', ['run', '-s', 'format:check']),
  check('types', ['run', '-s', 'typecheck']),
  check('lint', ['run', '-s', 'lint']),
  unitTests(),
];
const build = check('build', ['exec', '--', 'vite', 'build']);
suites.push(build, build.failed === 0 ? endToEndTests() : notRun('end-to-end tests', 'the build failed'));
rmSync(reports, { recursive: true, force: true });

/** @param {keyof Counts} kind */
const total = (kind) => suites.reduce((sum, counts) => sum + counts[kind], 0);
const skipped = total('skipped');
if (total('failed') > 0) process.exitCode = 1;
console.log(
  `\n${total('passed')} passed, ${total('failed')} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`,
);
