import fc from 'fast-check';
import { expect } from 'vitest';

/** Multiplies the runs of all model tests: `REDIS_HYGIENE_MODEL_RUNS=100 npm run test:unit`. */
const FACTOR = Number(process.env['REDIS_HYGIENE_MODEL_RUNS'] ?? 1);

/** Replays one run of a model test: the values that its failure has printed. */
const SEED = process.env['REDIS_HYGIENE_MODEL_SEED'];
const PATH = process.env['REDIS_HYGIENE_MODEL_PATH'];

/** Time for a model test, in milliseconds. Long, so that a counterexample is made small before the test ends. */
export const MODEL_TIMEOUT_MS = 300_000 * Math.max(1, FACTOR);

interface ModelRuns {
  readonly runs: number;
  /** The fewest steps that these runs may take together. Fewer mean that the test no longer does what it says. */
  readonly minSteps: number;
}

/**
 * Runs `run` with many values of `arbitrary`. `run` calls `onStep` for each step that it takes.
 *
 * @throws Error with the smallest value that fails, and with the variables that replay it
 */
export async function checkModel<Value>(
  { runs, minSteps }: ModelRuns,
  arbitrary: fc.Arbitrary<Value>,
  run: (value: Value, onStep: () => void) => Promise<void>,
): Promise<void> {
  let steps = 0;
  const property = fc.asyncProperty(arbitrary, (value) => run(value, () => void (steps += 1)));
  const details = await fc.check(property, {
    numRuns: Math.ceil(runs * FACTOR),
    ...(SEED === undefined ? {} : { seed: Number(SEED) }),
    ...(PATH === undefined ? {} : { path: PATH }),
  });
  if (details.failed) throw new Error(failureText(details), { cause: details.errorInstance });
  if (PATH === undefined && FACTOR >= 1) expect(steps).toBeGreaterThanOrEqual(minSteps);
}

function failureText<Value>(details: fc.RunDetails<[Value]>): string {
  const { seed, counterexamplePath } = details;
  const replay = `REDIS_HYGIENE_MODEL_SEED=${seed} REDIS_HYGIENE_MODEL_PATH=${counterexamplePath ?? ''}`;
  return `${fc.defaultReportMessage(details) ?? 'failed'}\n\nTo replay the smallest value: ${replay}`;
}
