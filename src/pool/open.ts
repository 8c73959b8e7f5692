import type { RedisOptions } from 'ioredis';
import { boundsOf, type Opener } from '../connect/client/client-factory.js';
import { openPooled } from '../connect/client/pooled-connection.js';
import { isRefused, type RetryStrategy } from '../connect/client/retry-strategies.js';
import { afterRefusal, type BackoffBounds, fullJitter } from '../core/backoff.js';
import type { Clock } from '../core/clock.js';
import type { Identity } from '../identity/detect-identity.js';
import { formatConnectionName } from '../identity/connection-name.js';
import type { Budget } from '../ledger/budget.js';
import { captureOpener } from '../ledger/call-site.js';
import { readClientArguments } from '../options/client-arguments.js';
import type { Settings } from '../options/settings.js';
import { roleOfName } from '../options/resolve-options.js';
import { PoolCore } from './core.js';
import { checkPoolOptions, type PoolOptions } from './options.js';
import { createPool, type Pool } from './pool.js';
import type { LeaseReport } from './report.js';

export interface OpenPoolPorts {
  readonly clock: Clock;
  readonly identity: Identity;
  readonly settings: Settings;
  /** The factory's. */
  readonly connection: string | RedisOptions | undefined;
  readonly opener: Pick<Opener, 'client'>;
  readonly budget: Pick<Budget, 'reserve'>;
  /** Throws `HYG_SHUT_DOWN` once shutdown() has begun. */
  readonly admit: () => void;
  readonly onOverdue: (report: LeaseReport) => void;
  readonly onReturned: (report: LeaseReport) => void;
  /** The pools that are open: shutdown() closes them. */
  readonly pools: Set<Pool>;
}

/** The caller's strategy, or full jitter. Whatever is no function asks for no second dial, as in ioredis. */
function retryOf(given: unknown, bounds: BackoffBounds, clock: Clock): RetryStrategy {
  if (given === undefined) {
    return function (this: unknown, times) {
      return isRefused(this)
        ? afterRefusal(times, clock.random())
        : fullJitter(times, bounds, clock.random());
    };
  }
  return typeof given === 'function' ? (given as RetryStrategy) : () => null;
}

/** Gives the function that opens pools, each with its places reserved in the budget. */
export function createPoolOpener(ports: OpenPoolPorts) {
  const { clock, identity, settings, opener, budget, pools, admit } = ports;
  const bounds = boundsOf(settings);

  return (given: PoolOptions = {}): Pool => {
    admit();
    const { connection, role, settings: own } = checkPoolOptions(given);
    const name = formatConnectionName({ ...identity, role });
    const options = { ...readClientArguments(ports.connection, [connection]), connectionName: name };
    const site = captureOpener(settings.openerFrames);
    const claim = budget.reserve({ role: roleOfName(name), opener: site }, own.max);
    const core = new PoolCore({
      ...{ clock, name, settings: own, bounds },
      ...{ onOverdue: ports.onOverdue, onReturned: ports.onReturned },
      retry: retryOf(options.retryStrategy, bounds, clock),
      open: (listener) => openPooled(opener, { options, site }, listener, clock),
    });
    const pool = createPool({
      ...{ name, core, closeTimeoutMs: settings.shutdownTimeoutMs },
      onClosed() {
        claim.release();
        pools.delete(pool);
      },
    });
    pools.add(pool);
    return pool;
  };
}
