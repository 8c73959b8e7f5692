import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { FiguresReporter } from './test/faults/figures/reporter.js';
import { LoaderTableReporter } from './test/loaders/rig/table-reporter.js';
import { ClosingReporter } from './test/support/closing-reporter.js';

/** Tests that take long: `npm test` leaves them out. */
const SLOW = '**/*.slow.test.ts';

// Time limits of tests end what hangs. They are far above what a test takes, because a busy machine is slow.

const functional = {
  include: ['test/functional/**/*.test.ts'],
  testTimeout: 60_000,
  hookTimeout: 120_000,
  // These tests wait for servers most of the time, so many run at once, and after those that need the processor.
  maxWorkers: 10,
  sequence: { groupOrder: 1 },
};

/** Functional tests that change their whole process (they set the default factory, patch ioredis for good) or read all of it. */
const ALONE = [
  ...['budget-dropin', 'cluster-sockets', 'dropin', 'left-open', 'register'],
  ...['metrics', 'metrics-cardinality', 'metrics-failover'],
].map((name) => `test/functional/${name}.test.ts`);

const processTests = {
  globalSetup: ['test/support/build.ts'],
  testTimeout: 120_000,
  hookTimeout: 120_000,
};

export const projects = [
  {
    extends: true,
    test: {
      name: 'unit',
      include: ['test/unit/**/*.test.ts'],
      exclude: [SLOW],
      isolate: false,
      testTimeout: 60_000,
    },
  },
  {
    // A worker runs many files, which takes half the processor time. On ioredis 5 each file has a worker of its own.
    extends: true,
    test: { name: 'functional', ...functional, exclude: [SLOW, ...ALONE], isolate: false },
  },
  { extends: true, test: { name: 'functional-alone', ...functional, include: ALONE } },
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
      ...processTests,
      include: ['test/process/**/*.test.ts'],
      exclude: [SLOW],
      isolate: false,
    },
  },
  {
    extends: true,
    test: { name: 'slow', ...processTests, include: [`test/{unit,functional,process}/${SLOW}`] },
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
      sequence: { groupOrder: 4 },
    },
  },
  {
    // Libraries that use Redis, each in a process of its own. The files are the majors of ioredis.
    extends: true,
    test: {
      name: 'compatibility',
      include: ['test/compatibility/*.test.ts'],
      globalSetup: ['test/support/build.ts'],
      testTimeout: 300_000,
      hookTimeout: 300_000,
      maxWorkers: 2,
      sequence: { groupOrder: 5 },
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
      sequence: { groupOrder: 2 },
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
      sequence: { groupOrder: 3 },
    },
  },
] satisfies (TestProjectInlineConfiguration & { test: { name: string } })[];

export default defineConfig({
  test: {
    // Unit tests need the processor, and programs of the process tests wait now and then.
    maxWorkers: 5,
    reporters: [
      'default',
      new FiguresReporter(),
      new LoaderTableReporter(),
      new ClosingReporter(projects.map(({ test }) => test.name)),
    ],
    projects,
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      exclude: ['src/dropin/types.ts', 'src/index.ts'],
      reporter: ['text-summary', 'html'],
      thresholds: { lines: 94, functions: 94, branches: 92, statements: 94 },
    },
  },
});
