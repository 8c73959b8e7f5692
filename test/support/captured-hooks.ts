import type { TestHooks } from '../../src/testing/runner-hooks.js';

type Hook = () => unknown;

/** Hooks of a test runner that run when the test wants it: those of vitest, in which these tests run. */
export interface CapturedHooks {
  /** To be passed to `trackConnections()`. */
  readonly hooks: Required<TestHooks>;
  /** Runs the hooks before a test, and returns what runs after it. */
  beginTest(name?: string): () => Promise<unknown>;
  /** Runs what vitest runs after all hooks of a test file. */
  endFile(): Promise<unknown>;
}

export function captureHooks(): CapturedHooks {
  const captured: Record<keyof TestHooks, ((context: object) => unknown)[]> = {
    ...{ beforeAll: [], afterAll: [], beforeEach: [], afterEach: [] },
  };
  const register = (name: keyof TestHooks) => (hook: (context: object) => unknown) =>
    captured[name].push(hook);
  const run = (name: keyof TestHooks, context: object) =>
    captured[name].map((hook) => hook(context)).filter((cleanup) => typeof cleanup === 'function') as Hook[];
  const all = (cleanups: readonly Hook[]) => Promise.all(cleanups.map((cleanup) => cleanup()));

  return {
    hooks: {
      beforeAll: register('beforeAll'),
      afterAll: register('afterAll'),
      beforeEach: register('beforeEach'),
      afterEach: register('afterEach'),
    },
    beginTest(name = 'reads') {
      const cleanups = run('beforeEach', { task: { name } });
      return () => all(cleanups);
    },
    endFile: () => all(run('beforeAll', {})),
  };
}
