import type { Reporter, TestModule } from 'vitest/node';

/** Prints the numbers of passed, failed and skipped tests as the last line of a run. */
export default class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string) => tests.filter((test) => test.result().state === state).length;
    // A file that could not be loaded has no tests and counts as one failure.
    const broken = modules.filter((module) => module.state() === 'failed' && !module.children.size).length;
    const [passed, failed, skipped] = [count('passed'), count('failed') + broken, count('skipped')];
    process.stdout.write(`\n${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}\n`);
  }
}
