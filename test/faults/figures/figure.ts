import type { TestContext } from 'vitest';
import type { Who } from '../rig/contestant.js';

/** One measured value: a row and a column of the table that ends the run. */
export interface Figure {
  /** What was measured, with its unit. */
  readonly row: string;
  readonly who: Who;
  readonly value: string;
}

declare module 'vitest' {
  interface TaskMeta {
    figures?: Figure[];
  }
}

/** Keeps a figure for the closing table, and prints it where the test runs. */
export function record({ task }: TestContext, who: Who, row: string, value: string | number): void {
  (task.meta.figures ??= []).push({ row, who, value: String(value) });
  console.log(`${row} · ${who}: ${value}`);
}
