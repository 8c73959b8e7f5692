import type { TestContext } from 'vitest';
import type { ContestantName } from '../rig/contestant.js';

/** A measured value, which is one cell of the table that is printed at the end of the run. */
export interface Figure {
  /** Name of the measurement, with its unit. */
  readonly row: string;
  readonly who: ContestantName;
  readonly value: string;
}

declare module 'vitest' {
  interface TaskMeta {
    figures?: Figure[];
  }
}

/** Records a figure for the table at the end, and prints it at once. */
export function record(
  { task }: TestContext,
  who: ContestantName,
  row: string,
  value: string | number,
): void {
  (task.meta.figures ??= []).push({ row, who, value: String(value) });
  console.log(`${row} · ${who}: ${value}`);
}
