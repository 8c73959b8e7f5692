import type { TestProject } from 'vitest/node';
import { findMeans, type Engine } from './engine/index.js';

/** What a test file hears of the engine. */
export type Provision = Engine | { readonly missing: string };

declare module 'vitest' {
  export interface ProvidedContext {
    engine: Provision;
  }
}

/**
 * An engine for all test files, for as long as they run. REDIS_HYGIENE_CONTAINERS=required makes it an error that there is
 * none: CI must not pass because all was skipped.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const means = await findMeans();
  if ('missing' in means) {
    if (process.env['REDIS_HYGIENE_CONTAINERS'] === 'required') throw new Error(means.missing);
    process.stderr.write(`The container tests are skipped: ${means.missing}.\n`);
    project.provide('engine', means);
    return () => Promise.resolve();
  }
  project.provide('engine', means.engine);
  return means.stop;
}
