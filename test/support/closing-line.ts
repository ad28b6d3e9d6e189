/** A Jest reporter that closes the run with one plain line, which any log reader can count. */
import process from 'node:process';

interface Totals {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numRuntimeErrorTestSuites: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
}

// biome-ignore lint/style/noDefaultExport: Jest loads a reporter as its module's default export
export default class ClosingLine {
  onRunComplete(_contexts: unknown, totals: Totals): void {
    // A file that fails to load has no tests to count; it counts as one failure.
    const failed = totals.numFailedTests + totals.numRuntimeErrorTestSuites;
    const skipped = totals.numPendingTests + totals.numTodoTests;
    // Jest prints its summary after its reporters have run: only the end of the process is certain to be last.
    process.once('exit', () => {
      process.stdout.write(`\n${totals.numPassedTests} passed, ${failed} failed, ${skipped} skipped\n`);
    });
  }
}
