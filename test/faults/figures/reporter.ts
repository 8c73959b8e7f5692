import type { Reporter, TestModule } from 'vitest/node';
import { formatTable } from './table.js';

/** Prints all figures at the end of a run. Prints nothing if there are none. */
export class FiguresReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const figures = tests.flatMap((test) => test.meta().figures ?? []);
    if (figures.length > 0) process.stdout.write(`\nFigures\n\n${formatTable(figures).join('\n')}\n`);
  }
}
