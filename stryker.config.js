/**
 * `npm run -s verify:mutants` puts one small fault at a time into the code between the numbers and the page, and
 * looks whether a test fails. What survives is behaviour that no quick test holds, or code that changes nothing.
 *
 * @type {import('@stryker-mutator/api/core').PartialStrykerOptions}
 */
const config = {
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  vitest: { configFile: 'vitest.mutants.config.ts' },
  mutate: [
    'src/{engine,analysis,training,ui/store}/**/*.{ts,tsx}',
    '!**/*.test.{ts,tsx}',
    '!**/testing/**',
    '!**/testdata/**',
  ],
  // Faults that act while a module loads (a constant, the whole of an arrow function) need every test anew, and take
  // most of the time; few of them go unnoticed.
  ignoreStatic: true,
  // Stryker would read it through the compiler's interface, which TypeScript 7 does not have.
  tsconfigFile: 'none',
  // Vitest checks no types.
  disableTypeChecks: false,
  ignorePatterns: ['/coverage', '/dist', '/e2e', '/mutants', '/playwright-report', '/test-results'],
  tempDirName: 'mutants/work',
  reporters: ['clear-text', 'progress-append-only', 'html', 'json'],
  allowConsoleColors: false,
  clearTextReporter: { allowColor: false, allowEmojis: false, logTests: false, reportTests: false },
  htmlReporter: { fileName: 'mutants/report.html' },
  jsonReporter: { fileName: 'mutants/report.json' },
};

export default config;
