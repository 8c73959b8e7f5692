import { defineConfig } from 'vitest/config';
import { FiguresReporter } from './test/faults/figures/reporter.js';
import { LoaderTableReporter } from './test/loaders/rig/table-reporter.js';

const functional = {
  include: ['test/functional/**/*.test.ts'],
  testTimeout: 20_000,
  hookTimeout: 120_000,
};

export default defineConfig({
  test: {
    // Most tests wait for servers, so more of them run at once than there are cores.
    maxWorkers: 5,
    reporters: [
      'default',
      new FiguresReporter(),
      new LoaderTableReporter(),
      './test/support/closing-line-reporter.ts',
    ],
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['test/unit/**/*.test.ts'], isolate: false, testTimeout: 20_000 },
      },
      { extends: true, test: { name: 'functional', ...functional } },
      {
        // The functional tests with ioredis 5, which both require() and import load as `ioredis`.
        extends: true,
        resolve: { alias: { ioredis: 'ioredis5' } },
        test: {
          name: 'functional-ioredis5',
          ...functional,
          // Of the doctor, only the tests that depend on its connections are repeated.
          exclude: [
            'test/functional/redis-provisioning.test.ts',
            'test/functional/newer-servers.test.ts',
            'test/functional/doctor/!(access|full-server|places|strangers|topology).test.ts',
          ],
          execArgv: ['--require', './test/support/ioredis5.cjs'],
        },
      },
      {
        extends: true,
        test: {
          name: 'process',
          include: ['test/process/**/*.test.ts'],
          globalSetup: ['test/support/build.ts'],
          testTimeout: 30_000,
          hookTimeout: 120_000,
        },
      },
      {
        // Projects that install the packed package, with the test runners, bundlers and package managers of services.
        extends: true,
        test: {
          name: 'loaders',
          include: ['test/loaders/*.test.ts'],
          globalSetup: ['test/support/build.ts', 'test/loaders/rig/global-setup.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          maxWorkers: 2,
          sequence: { groupOrder: 3 },
        },
      },
      {
        extends: true,
        test: {
          name: 'faults',
          include: ['test/faults/**/*.test.ts'],
          globalSetup: ['test/support/build.ts'],
          // The scenarios mostly wait. If all run at once, they take as long as the longest one.
          maxWorkers: 16,
          maxConcurrency: 50,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'containers',
          include: ['test/containers/**/*.test.ts'],
          globalSetup: ['test/support/build.ts', 'test/containers/rig/global-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
    ],
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      exclude: ['src/dropin/types.ts', 'src/index.ts'],
      reporter: ['text-summary', 'html'],
      thresholds: { lines: 94, functions: 94, branches: 92, statements: 94 },
    },
  },
});
