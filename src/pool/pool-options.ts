import type { RedisOptions } from 'ioredis';
import { HygieneError } from '../core/errors.js';
import { checkInteger, checkOptionNames, optionTypeError } from '../options/check-options.js';
import type { Optional, Setting } from '../options/settings.js';

/** The numeric options of a pool. Types, checks and docs/options.md are made from this table. */
export const poolSettingTable = {
  max: {
    default: 10,
    min: 1,
    max: 10_000,
    unit: 'connections',
    meaning:
      'The most connections. All of them are reserved in the budget of the process when the pool is created.',
    why: 'The default of HikariCP. A connection carries thousands of short commands per second, so few are enough.',
  },
  min: {
    default: 0,
    min: 0,
    max: 10_000,
    unit: 'connections',
    meaning: 'The number of connections that are kept open, also while no caller needs them. At most `max`.',
    why: 'A service that does not use its pool holds no connections. Set it if the first caller must not wait for a dial.',
  },
  maxWaiting: {
    default: 1_000,
    min: 0,
    max: 1_000_000,
    unit: 'callers',
    meaning: 'How many callers may wait for a connection. Further callers are refused at once.',
    why: 'A queue without a limit turns overload into late answers and memory use.',
  },
  acquireTimeoutMs: {
    default: 5_000,
    min: 1,
    max: 3_600_000,
    unit: 'ms',
    meaning: 'How long a caller waits for a connection.',
    why: 'go-redis waits 4 s. HikariCP waits 30 s, which is longer than most callers of a service wait.',
  },
  idleTimeoutMs: {
    default: 600_000,
    min: 100,
    max: 86_400_000,
    unit: 'ms',
    meaning: 'How long a connection above `min` may be idle before it is closed.',
    why: 'The default of HikariCP (10 min).',
  },
  maxLifetimeMs: {
    default: 1_800_000,
    min: 1_000,
    max: 86_400_000,
    unit: 'ms',
    meaning:
      'How old a connection may become, minus up to 25 % at random. An older one is closed when it is idle or returned, never while it is in use.',
    why: 'The default and the variance of HikariCP (30 min). New connections follow load balancers and changed addresses. The random part keeps a pool from replacing all connections at once.',
  },
  leaseWarnMs: {
    default: 30_000,
    min: 0,
    max: 86_400_000,
    unit: 'ms',
    meaning:
      'After how long a lease is reported as overdue, once. 0: never. The default of `blocking()` is 0.',
    why: 'A hundred times as long as slow work takes. HikariCP recommends at least 2 s.',
  },
  leaseMaxMs: {
    default: 0,
    min: 0,
    max: 86_400_000,
    unit: 'ms',
    meaning: 'After how long a lease is ended by force, and its connection closed. 0: never.',
    why: 'Only the application can decide to take a connection away from its borrower.',
  },
  validateAfterIdleMs: {
    default: 500,
    min: 0,
    max: 60_000,
    unit: 'ms',
    meaning: 'A connection that was idle for longer than this is checked by a PING before it is handed out.',
    why: 'The default of HikariCP. A connection that has just worked still works, so a busy pool sends no PING.',
  },
} as const satisfies Record<string, Setting>;

type PoolSettingName = keyof typeof poolSettingTable;

/** The numeric options of a pool, complete and within their bounds. */
export type PoolSettings = Readonly<Record<PoolSettingName, number>>;

/** Options of `redis.pool()`. All are optional. docs/options.md lists the numeric ones and their defaults. */
export interface PoolOptions extends Optional<PoolSettings> {
  /** A URL or ioredis options, which override the factory's `connection`, as in `client(…)`. */
  readonly connection?: string | RedisOptions | undefined;
  /** The purpose of the pool: the part of its connections' name after `#`. @default 'pool' */
  readonly role?: string | undefined;
}

/** The options of a pool, checked and complete. */
export interface CheckedPoolOptions {
  readonly connection: string | RedisOptions | undefined;
  readonly role: string;
  readonly settings: PoolSettings;
}

const settingNames = Object.keys(poolSettingTable) as PoolSettingName[];

const optionNames = ['connection', 'role', ...settingNames];

/**
 * Checks the options of a pool and fills in the defaults.
 *
 * @throws HygieneError `HYG_OPTION_UNKNOWN`, `HYG_OPTION_TYPE`, `HYG_OPTION_RANGE`
 */
export function checkPoolOptions(options: PoolOptions): CheckedPoolOptions {
  checkOptionNames('pool()', options, optionNames);
  const { connection, role = 'pool' } = options;
  if (typeof role !== 'string' || role === '') throw optionTypeError('role', role, 'a non-empty string');
  const settings = checkSettings(options);
  checkMin(settings);
  return { connection, role, settings };
}

/**
 * Checks the names of the options of a blocking pool, and adds the defaults in which it differs from other pools. Its leases
 * are not reported, because a blocking command may wait for data forever.
 */
export function checkBlockingOptions(given: number | PoolOptions): PoolOptions {
  const options = typeof given === 'number' ? { max: given } : given;
  checkOptionNames('blocking()', options, optionNames);
  return { ...options, role: options.role ?? 'blocking', leaseWarnMs: options.leaseWarnMs ?? 0 };
}

function checkSettings(options: PoolOptions): PoolSettings {
  const checked = settingNames.map((name) => {
    const setting = poolSettingTable[name];
    return [name, checkInteger(name, options[name] ?? setting.default, setting)] as const;
  });
  return Object.fromEntries(checked) as PoolSettings;
}

/** @throws HygieneError `HYG_OPTION_RANGE` */
function checkMin({ min, max }: PoolSettings): void {
  if (min <= max) return;
  const what = `Option "min" is ${min}, expected at most "max", which is ${max}.`;
  throw new HygieneError('HYG_OPTION_RANGE', what, { details: { option: 'min', value: min, min: 0, max } });
}
