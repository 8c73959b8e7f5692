import type { TestProject } from 'vitest/node';
import { findOrStartEngine, type Engine } from './engine/index.js';

/** The engine for the test files, or the reason why there is none. */
export type ProvidedEngine = Engine | { readonly missing: string };

declare module 'vitest' {
  export interface ProvidedContext {
    engine: ProvidedEngine;
  }
}

/**
 * Provides an engine to all test files. Without an engine the tests are skipped. With REDIS_HYGIENE_CONTAINERS=required
 * that is an error, so that CI does not pass with skipped tests.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const search = await findOrStartEngine();
  if ('missing' in search) {
    if (process.env['REDIS_HYGIENE_CONTAINERS'] === 'required') throw new Error(search.missing);
    process.stderr.write(`The container tests are skipped: ${search.missing}.\n`);
    project.provide('engine', search);
    return () => Promise.resolve();
  }
  project.provide('engine', search.engine);
  return search.stop;
}
