import type { Reporter, TestModule } from 'vitest/node';
import { table } from './table.js';

/** Ends a run with everything that its scenarios measured; says nothing when they measured nothing. */
export class FiguresReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const figures = tests.flatMap((test) => test.meta().figures ?? []);
    if (figures.length > 0) process.stdout.write(`\nFigures\n\n${table(figures).join('\n')}\n`);
  }
}
