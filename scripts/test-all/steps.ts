import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A command of `npm run test:all`. */
export interface Step {
  readonly name: string;
  /** A program of node_modules/.bin and its arguments. */
  readonly command: readonly [program: string, ...args: string[]];
}

const FAULTS = fileURLToPath(new URL('../../test/faults/', import.meta.url));

/** Names of all fault scenarios: the files of test/faults. */
export const scenarios = readdirSync(FAULTS)
  .filter((file) => file.endsWith('.test.ts'))
  .map((file) => file.replace('.test.ts', ''));

/** All steps. @param faults Names of the fault scenarios that run */
export function stepsWith(faults: readonly string[]): readonly Step[] {
  const files = faults.map((name) => `test/faults/${name}.test.ts`);
  return [
    // A project that is added to vitest.config.ts runs in this step.
    {
      name: 'all projects that run on any machine, with coverage',
      command: ['vitest', 'run', '--coverage', '--project', '!faults', '--project', '!containers'],
    },
    { name: 'process tests on other majors of Node', command: ['tsx', 'scripts/nodes/main.ts'] },
    { name: 'containers', command: ['vitest', 'run', '--project', 'containers'] },
    { name: 'fault scenarios', command: ['vitest', 'run', '--project', 'faults', ...files] },
  ];
}
