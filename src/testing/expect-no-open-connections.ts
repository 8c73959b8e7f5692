import type { ConnectionInfo } from '../ledger/connection.js';
import { checkInteger, checkOptionNames, optionTypeError } from '../options/check-options.js';
import { createLeftoversError } from './leftovers-error.js';
import {
  closeLeftovers,
  findLeftovers,
  isEmpty,
  type Leftovers,
  NOTHING_OPEN,
  type OpenResources,
  waitUntil,
} from './leftovers.js';

/** Options of `expectNoOpenConnections()`. */
export interface OpenConnectionsOptions {
  /**
   * How long to wait for connections that are being closed, in milliseconds, 0 to 60 000.
   * @default 1000
   */
  readonly graceMs?: number | undefined;
  /** Returns true for a connection that is meant to stay open. @default none is */
  readonly ignore?: ((connection: ConnectionInfo) => boolean) | undefined;
}

/** The options, checked and complete. */
export type OpenConnectionsSettings = {
  readonly [Key in keyof OpenConnectionsOptions]-?: NonNullable<OpenConnectionsOptions[Key]>;
};

const GRACE_BOUNDS = { min: 0, max: 60_000, unit: 'ms' };
const DEFAULT_GRACE_MS = 1_000;

/** @throws HygieneError `HYG_OPTION_TYPE`, `HYG_OPTION_RANGE` */
export function checkOpenConnectionsOptions({
  graceMs = DEFAULT_GRACE_MS,
  ignore = () => false,
}: OpenConnectionsOptions): OpenConnectionsSettings {
  if (typeof ignore !== 'function')
    throw optionTypeError('ignore', ignore, 'a function that takes a connection');
  return { graceMs: checkInteger('graceMs', graceMs, GRACE_BOUNDS), ignore };
}

/**
 * Expects that this process has no connection open, no lease of a pool unreleased, and no subscriber: of all factories,
 * of the drop-in and of the preload. Waits a moment for those that are being closed.
 *
 * @throws HygieneError `HYG_CONNECTIONS_OPEN`, which names the line of code that opened each of them;
 * `HYG_OPTION_UNKNOWN`, `HYG_OPTION_TYPE`, `HYG_OPTION_RANGE`
 */
export async function expectNoOpenConnections(options: OpenConnectionsOptions = {}): Promise<void> {
  checkOptionNames('expectNoOpenConnections()', options, ['graceMs', 'ignore']);
  const left = await waitForLeftovers(NOTHING_OPEN, checkOpenConnectionsOptions(options));
  if (left) throw createLeftoversError('This process has', left);
}

/** Returns what was opened since `before` and is still open after the grace time. */
async function waitForLeftovers(
  before: OpenResources,
  { graceMs, ignore }: OpenConnectionsSettings,
): Promise<Leftovers | undefined> {
  let left = findLeftovers(before, ignore);
  const isDone = () => isEmpty((left = findLeftovers(before, ignore)));
  return (await waitUntil(isDone, graceMs)) ? undefined : left;
}

/**
 * Returns the error for what was opened since `before` and is still open after the grace time, and closes it.
 *
 * @param who Who has opened it, such as `The test "reads" has left`.
 */
export async function closeAndReport(
  who: string,
  before: OpenResources,
  settings: OpenConnectionsSettings,
): Promise<{ readonly error: Error; readonly left: Leftovers } | undefined> {
  const left = await waitForLeftovers(before, settings);
  if (!left) return undefined;
  const error = createLeftoversError(who, left);
  await closeLeftovers(left);
  return { error, left };
}
