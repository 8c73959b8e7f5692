import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { projects } from '../../vitest.config.js';

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

/** Projects with a step of their own. */
const SEPARATE = ['loaders', 'compatibility', 'faults', 'containers'];

function vitest(names: readonly string[], ...more: readonly string[]): Step['command'] {
  return ['vitest', 'run', ...names.flatMap((name) => ['--project', name]), ...more];
}

/** All steps. @param faults Names of the fault scenarios that run */
export function stepsWith(faults: readonly string[]): readonly Step[] {
  const files = faults.map((name) => `test/faults/${name}.test.ts`);
  // A project that is added to vitest.config.ts runs in the first step.
  const others = projects.map(({ test }) => test.name).filter((name) => !SEPARATE.includes(name));
  return [
    { name: others.join(', '), command: vitest(others, '--coverage') },
    { name: 'process tests on other majors of Node', command: ['tsx', 'scripts/nodes/main.ts'] },
    { name: 'loaders', command: vitest(['loaders']) },
    { name: 'compatibility', command: vitest(['compatibility']) },
    { name: 'containers', command: vitest(['containers']) },
    { name: 'faults', command: vitest(['faults'], ...files) },
  ];
}
