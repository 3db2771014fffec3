/** The program behind `npm run amp`. */
console.error('usage: npm run -s amp -- COMMAND [options]');
process.exitCode = 2;
