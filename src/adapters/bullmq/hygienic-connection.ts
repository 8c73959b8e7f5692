import type { Redis, RedisOptions } from 'ioredis';
import { createRequire } from 'node:module';
import { HygieneError } from '../../core/errors.js';
import { checkPeerVersion, lazy } from '../../core/lazy.js';
import type { RedisFactory } from '../../factory/factory.js';
import { checkInteger, checkOptionNames } from '../../options/check-options.js';
import { targetFailures } from '../../shutdown/shutdown-hooks.js';
import { checkFactory } from '../given-factory.js';
import type { BullPart } from './bull-parts.js';
import { type BullReport, createTrackedParts } from './tracked-parts.js';

const require = createRequire(import.meta.url);

/** Options of `hygienicConnection()`. All are optional. */
export interface HygienicConnectionOptions {
  /**
   * ioredis options of `queue`, added to those of the factory. With `{ enableOfflineQueue: false }` commands are rejected at
   * once while Redis is away.
   * @default { maxRetriesPerRequest: 7 }
   */
  readonly queue?: RedisOptions | undefined;
  /**
   * Maximum time that `close()` takes, in milliseconds, 100 to 600 000. Jobs have three quarters of it to end.
   * @default 4000, which is less than the 5000 ms that shutdown hooks give to `before`
   */
  readonly closeTimeoutMs?: number | undefined;
}

/** Clients for the classes of BullMQ, and the means to stop what uses them before Redis is closed. */
export interface HygienicConnection extends AsyncDisposable {
  /**
   * For `Queue` and `FlowProducer`, which share this client. While Redis is away, commands are rejected when seven dials have
   * failed.
   */
  readonly queue: Redis;
  /**
   * For `Worker`. Workers share this client, whose commands wait until Redis is back. For its blocking command each worker
   * has a duplicate, which BullMQ makes and closes.
   */
  readonly worker: Redis;
  /** For `QueueEvents`. This client is never dialled: BullMQ duplicates it, and closes the duplicates. */
  readonly events: Redis;
  /**
   * Remembers a worker, queue, queue events or flow producer for `close()`, and returns it. What is given during `close()`
   * is stopped by it too. What is given when `close()` has ended is closed at once, and the factory emits
   * `HYG_BULLMQ_TRACK_LATE`.
   *
   * @throws HygieneError `HYG_OPTION_TYPE` if it has no `close()`
   */
  track<Part extends BullPart>(part: Part): Part;
  /**
   * Stops what is tracked: workers first, as soon as their jobs have ended; then queue events, queues and flow producers. A
   * worker whose jobs do not end in time is closed by force, and the factory emits `HYG_JOBS_UNFINISHED`. A part that fails
   * to close does not prevent the others from closing; the factory emits `HYG_BULLMQ_CLOSE_FAILED`. Runs once: later calls
   * return the same promise, which never rejects. The clients are closed by the factory.
   */
  close(): Promise<BullReport>;
}

/** The option that BullMQ requires of connections that block. Their commands wait until Redis is back. */
const WAITING: RedisOptions = { maxRetriesPerRequest: null };

/**
 * Dials that a command of a queue survives: a restart of Redis, and not an outage. A server that refused all dials rejected
 * 200 commands after 1.6 to 6.4 s (median 3.9 s); with 5 dials a fifth of them was rejected within 1.1 s. The default of
 * ioredis is 20, after which a request of HTTP has long been given up.
 */
const QUEUE_RETRIES = 7;

/** Majors of BullMQ that the tests run with. */
const BULLMQ_MAJORS = [5, 6];

/**
 * Creates clients of a factory for BullMQ. Each is opened when it is first asked for.
 *
 * @throws HygieneError `HYG_OPTION_UNKNOWN`, `HYG_OPTION_TYPE`, `HYG_OPTION_RANGE`, `HYG_PEER_VERSION`;
 * `HYG_BULLMQ_OPTION` if the `connection` of the factory has an option that breaks BullMQ
 */
export function hygienicConnection(
  factory: RedisFactory,
  options: HygienicConnectionOptions = {},
): HygienicConnection {
  checkFactory(factory, 'client', 'options');
  checkOptionNames('hygienicConnection()', options, ['queue', 'closeTimeoutMs']);
  const { queue = {}, closeTimeoutMs = 4_000 } = options;
  checkInteger('closeTimeoutMs', closeTimeoutMs, { min: 100, max: 600_000, unit: 'ms' });
  checkVersion();
  checkConnection({ ...factory.options('bullmq'), ...queue });

  const open = (role: string, own: RedisOptions) =>
    lazy(() => factory.client({ connectionName: `bullmq-${role}`, ...own }));
  const openQueue = open('queue', { maxRetriesPerRequest: QUEUE_RETRIES, ...queue });
  const openWorker = open('worker', WAITING);
  const openEvents = lazy(() => dialDuplicates(open('events', { ...WAITING, lazyConnect: true })()));
  const parts = createTrackedParts(closeTimeoutMs, (error) => targetFailures.get(factory.settings)?.(error));

  return {
    ...parts,
    get queue() {
      return openQueue();
    },
    get worker() {
      return openWorker();
    },
    get events() {
      return openEvents();
    },
    [Symbol.asyncDispose]: async () => void (await parts.close()),
  };
}

/**
 * Lets the duplicates of a lazy client dial at once. BullMQ calls `connect()` of a lazy one, which fails for good if Redis is
 * away at that moment.
 */
function dialDuplicates(client: Redis): Redis {
  const duplicate = client.duplicate.bind(client);
  client.duplicate = (override: RedisOptions = {}) => duplicate({ ...override, lazyConnect: false });
  return client;
}

/** Checks the installed version of BullMQ, which only the application loads. */
function checkVersion(): void {
  let manifest: { readonly version: string };
  try {
    manifest = require('bullmq/package.json') as { readonly version: string };
  } catch {
    return; // a bundler has put BullMQ into a file of the application
  }
  checkPeerVersion('bullmq', manifest.version, BULLMQ_MAJORS);
}

/** Options of ioredis that BullMQ refuses, or that break it. */
const BREAKING_OPTIONS = {
  keyPrefix: 'BullMQ builds keys in its scripts, and has an option `prefix` of its own.',
  commandTimeout: 'A worker waits for jobs in a command that blocks for longer.',
  socketTimeout: 'A worker waits for jobs in a command that blocks for longer.',
} as const;

function checkConnection(options: RedisOptions): void {
  const found = (Object.keys(BREAKING_OPTIONS) as (keyof typeof BREAKING_OPTIONS)[]).find(
    (name) => (options[name] ?? '') !== '', // ioredis takes null and an empty prefix for none
  );
  if (!found) return;
  const what = `BullMQ does not work with the ioredis option "${found}" of the factory. ${BREAKING_OPTIONS[found]}`;
  throw new HygieneError('HYG_BULLMQ_OPTION', what, { details: { option: found } });
}
