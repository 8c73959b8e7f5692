import type { RedisOptions } from 'ioredis';
import { checkInteger, checkNames, wrongType } from './check-options.js';
import {
  type LimitName,
  type Limits,
  limitTable,
  type SettingName,
  type Settings,
  settingTable,
} from './settings.js';

/** What `createRedisFactory` takes. All of it is optional. */
export interface FactoryOptions extends Partial<Omit<Settings, 'limits'>> {
  /**
   * Name of this service, the first half of every connection's name.
   * @default REDIS_HYGIENE_SERVICE, OTEL_SERVICE_NAME, npm_package_name, or the name in the nearest package.json
   */
  readonly service?: string;
  /**
   * Host, container or pod this process runs on, the second half of every name.
   * @default HOSTNAME, or os.hostname()
   */
  readonly host?: string;
  /**
   * Where Redis is: anything that `new Redis(…)` takes as one argument, a URL or ioredis options.
   * @default localhost:6379, as in ioredis
   */
  readonly connection?: string | RedisOptions;
  /** Ceilings: how many connections, dials under way, and clients of one line of code. */
  readonly limits?: Partial<Limits>;
}

/** The caller's options, checked and complete. */
export interface CheckedFactoryOptions {
  readonly service: string | undefined;
  readonly host: string | undefined;
  readonly connection: string | RedisOptions | undefined;
  readonly settings: Settings;
}

const settingNames = Object.keys(settingTable) as SettingName[];
const limitNames = Object.keys(limitTable) as LimitName[];

function checkLimits(given: unknown = {}): Limits {
  if (!isObject(given) || Array.isArray(given)) {
    throw wrongType('limits', given, `an object such as { ${limitNames.join(', ')} }`);
  }
  checkNames('limits', given, limitNames);
  const limits: Partial<Limits> = given;
  const checked = limitNames.map((name) => {
    const limit = limitTable[name];
    return [name, checkInteger(`limits.${name}`, limits[name] ?? limit.default, limit)] as const;
  });
  return Object.freeze(Object.fromEntries(checked) as Limits);
}

function checkSettings(options: FactoryOptions): Settings {
  const checked = settingNames.map((name) => {
    const setting = settingTable[name];
    return [name, checkInteger(name, options[name] ?? setting.default, setting)] as const;
  });
  const numbers = Object.fromEntries(checked) as Omit<Settings, 'limits'>;
  const limits = checkLimits(options.limits);
  return { ...numbers, limits, heartbeatDeadlineMs: checkDeadline(options, numbers) };
}

/** An answer is due before the next one is asked for. By default the deadline follows a shorter interval. */
function checkDeadline(
  { heartbeatDeadlineMs: given }: FactoryOptions,
  { heartbeatDeadlineMs, heartbeatIntervalMs }: Omit<Settings, 'limits'>,
): number {
  if (given === undefined) return Math.min(heartbeatDeadlineMs, heartbeatIntervalMs);
  const { min } = settingTable.heartbeatDeadlineMs;
  return checkInteger('heartbeatDeadlineMs', given, { min, max: heartbeatIntervalMs, unit: 'ms' });
}

function checkText(option: string, value: unknown): string | undefined {
  if (value !== undefined && typeof value !== 'string') throw wrongType(option, value, 'a string');
  return value;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function checkConnection(value: unknown): string | RedisOptions | undefined {
  if (value === undefined || typeof value === 'string' || isObject(value)) return value;
  throw wrongType('connection', value, 'a URL or ioredis options');
}

/**
 * Checks the options of a factory at the door.
 *
 * @throws HygieneError `HYG_OPTION_UNKNOWN`, `HYG_OPTION_TYPE`, `HYG_OPTION_RANGE`
 */
export function checkFactoryOptions(options: FactoryOptions): CheckedFactoryOptions {
  if (!isObject(options)) throw wrongType('options', options, 'an object');
  checkNames('createRedisFactory', options, ['service', 'host', 'connection', 'limits', ...settingNames]);
  return {
    service: checkText('service', options.service),
    host: checkText('host', options.host),
    connection: checkConnection(options.connection),
    settings: checkSettings(options),
  };
}
