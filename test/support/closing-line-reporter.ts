import type { Reporter, TestModule } from 'vitest/node';

/** Ends the run with one plain line that says how many tests there were. */
export default class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string) => tests.filter((test) => test.result().state === state).length;
    // A file that could not even be collected has no tests: it counts as one failure.
    const broken = modules.filter((module) => module.state() === 'failed' && !module.children.size).length;
    const [passed, failed, skipped] = [count('passed'), count('failed') + broken, count('skipped')];
    process.stdout.write(`\n${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}\n`);
  }
}
