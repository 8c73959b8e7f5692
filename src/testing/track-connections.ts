import { HygieneError } from '../core/errors.js';
import { checkOptionNames, optionTypeError } from '../options/check-options.js';
import {
  checkOpenConnectionsOptions,
  closeAndReport,
  type OpenConnectionsOptions,
  type OpenConnectionsSettings,
} from './expect-no-open-connections.js';
import { findOpenResources, type OpenResources } from './leftovers.js';
import { findTestRunner, HOOK_NAMES, type TestHooks } from './runner-hooks.js';

/** Options of `trackConnections()`. */
export interface TrackOptions extends OpenConnectionsOptions, TestHooks {
  /**
   * After what to check: after each test `file`, or after each `test` and each file.
   * @default 'file'
   */
  readonly each?: 'file' | 'test' | undefined;
}

const EACH = ['file', 'test'] as const;

/** Time that a hook may take in addition to `graceMs`, in milliseconds: leftovers are closed in it. */
const HOOK_MS = 5_000;

/**
 * Makes a test file fail that leaves connections, leases of pools or subscribers open, with the line of code that opened
 * each of them, and closes them, so that the test runner can exit. Call it in a setup file of vitest, Jest or node:test, or
 * at the top of a test file. What was open before the call does not count.
 *
 * With `each: 'test'`, a test fails that leaves open what it has opened. Tests that run at the same time are checked
 * together, at the end of their file.
 *
 * @throws HygieneError `HYG_TEST_HOOKS`, `HYG_OPTION_UNKNOWN`, `HYG_OPTION_TYPE`, `HYG_OPTION_RANGE`
 */
export function trackConnections(options: TrackOptions = {}): void {
  checkOptionNames('trackConnections()', options, ['each', 'graceMs', 'ignore', ...HOOK_NAMES]);
  const each = checkEach(options.each);
  const settings = checkOpenConnectionsOptions(options);
  const needed = each === 'test' ? HOOK_NAMES : HOOK_NAMES.slice(0, 2);
  const runner = findTestRunner(options, needed, settings.graceMs + HOOK_MS);
  const tracker = createTracker(settings);
  const before = findOpenResources();
  runner.onFileEnd(() => tracker.check(`${runner.fileName()} has left`, before));
  if (each === 'test') runner.onEachTest(tracker.beginTest);
}

function checkEach(each: unknown = 'file'): (typeof EACH)[number] {
  if (typeof each !== 'string') throw optionTypeError('each', each, '"file" or "test"');
  const known = EACH.find((word) => word === each);
  if (known) return known;
  throw new HygieneError('HYG_OPTION_RANGE', `Option "each" is "${each}", expected "file" or "test".`, {
    details: { option: 'each', value: each },
  });
}

function createTracker(settings: OpenConnectionsSettings) {
  /** Leases that a test was told of. Those of a pool that stays open cannot be closed. */
  const reportedLeases: OpenResources['leases'][] = [];

  /** @throws HygieneError `HYG_CONNECTIONS_OPEN` */
  async function check(who: string, before: OpenResources): Promise<void> {
    const leases = new Map([before.leases, ...reportedLeases].flatMap((known) => [...known]));
    const report = await closeAndReport(who, { ...before, leases }, settings);
    if (!report) return;
    reportedLeases.push(report.left.leases);
    throw report.error;
  }

  function beginTest(test: string | undefined): () => Promise<void> {
    const before = findOpenResources();
    const who = test === undefined ? 'This test has left' : `The test "${test}" has left`;
    return () => check(who, before);
  }

  return { check, beginTest };
}
