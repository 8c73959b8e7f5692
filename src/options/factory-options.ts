import type { RedisOptions } from 'ioredis';
import {
  checkInteger,
  checkOptionNames,
  checkPlainOptions,
  CONNECTION_FORMS,
  optionTypeError,
} from './check-options.js';
import { readClientArguments } from './client-arguments.js';
import { EMPTY_ENVIRONMENT, type Environment, type Mode } from './environment.js';
import { type Profile, profileDefault, profileTable } from './profile.js';
import {
  type LimitName,
  type Limits,
  limitTable,
  type Optional,
  type SettingName,
  type Settings,
  settingTable,
} from './settings.js';

/** Options of `createRedisFactory`. All of them are optional. */
export interface FactoryOptions extends Optional<Omit<Settings, 'limits'>> {
  /**
   * Name of this service, the first half of every connection's name.
   * @default REDIS_HYGIENE_SERVICE, OTEL_SERVICE_NAME, npm_package_name, or the name in the nearest package.json
   */
  readonly service?: string | undefined;
  /**
   * Host, container or pod on which this process runs, the second half of every connection's name.
   * @default HOSTNAME, or os.hostname()
   */
  readonly host?: string | undefined;
  /**
   * The server to connect to: anything that `new Redis(…)` accepts as one argument, such as a URL or ioredis options.
   * @default localhost:6379, as in ioredis
   */
  readonly connection?: string | RedisOptions | undefined;
  /**
   * `enforce` applies all rules. `observe` names, counts and reports connections, and changes, refuses and closes nothing.
   * `REDIS_HYGIENE_MODE` takes precedence. See docs/adopt.md.
   * @default 'enforce'
   */
  readonly mode?: Mode | undefined;
  /** Limits of open connections, of simultaneous dials, and of clients that one line of code opens. */
  readonly limits?: Optional<Limits> | undefined;
}

/** The options of a factory, checked and completed with defaults. */
export interface CheckedFactoryOptions {
  readonly service: string | undefined;
  readonly host: string | undefined;
  readonly connection: string | RedisOptions | undefined;
  readonly mode: Mode;
  readonly settings: Settings;
}

const settingNames = Object.keys(settingTable) as SettingName[];
const limitNames = Object.keys(limitTable) as LimitName[];

/**
 * Checks the options of a factory and adds the values of the environment and the defaults.
 *
 * @throws HygieneError `HYG_OPTION_UNKNOWN`, `HYG_OPTION_TYPE`, `HYG_OPTION_RANGE`, `HYG_URL_SCHEME`, `HYG_URL_INVALID`
 */
export function checkFactoryOptions(
  options: FactoryOptions,
  environment: Environment = EMPTY_ENVIRONMENT,
): CheckedFactoryOptions {
  if (!isObject(options)) throw optionTypeError('options', options, 'an object');
  checkOptionNames('createRedisFactory', options, [
    'service',
    'host',
    'connection',
    'mode',
    'profile',
    'limits',
    ...settingNames,
  ]);
  return {
    service: checkText('service', options.service),
    host: checkText('host', options.host),
    connection: checkConnection(options.connection),
    mode: environment.mode ?? checkMode(options.mode),
    settings: checkSettings(options, environment),
  };
}

function checkMode(mode: unknown = 'enforce'): Mode {
  if (mode === 'enforce' || mode === 'observe') return mode;
  throw optionTypeError('mode', mode, '"enforce" or "observe"');
}

const profileNames = Object.keys(profileTable) as Profile[];

function checkProfile(profile: unknown = 'long-lived'): Profile {
  const known = profileNames.find((name) => name === profile);
  if (known) return known;
  throw optionTypeError('profile', profile, profileNames.map((name) => `"${name}"`).join(' or '));
}

function checkSettings(options: FactoryOptions, environment: Environment): Settings {
  const profile = checkProfile(options.profile ?? environment.profile);
  const checked = settingNames.map((name) => {
    const setting = settingTable[name];
    return [
      name,
      checkInteger(
        name,
        options[name] ?? environment.numbers[name] ?? profileDefault(profile, name) ?? setting.default,
        setting,
      ),
    ] as const;
  });
  const numbers = Object.fromEntries(checked) as Numbers;
  const limits = checkLimits(options.limits, environment, profile);
  return { ...numbers, profile, limits, heartbeatDeadlineMs: checkDeadline(options, numbers) };
}

type Numbers = Readonly<Record<SettingName, number>>;

/** The deadline may not exceed the interval, because a PING must be answered before the next one is due. */
function checkDeadline(
  { heartbeatDeadlineMs: given }: FactoryOptions,
  { heartbeatDeadlineMs, heartbeatIntervalMs }: Numbers,
): number {
  if (given === undefined) return Math.min(heartbeatDeadlineMs, heartbeatIntervalMs); // default, or environment
  const { min } = settingTable.heartbeatDeadlineMs;
  return checkInteger('heartbeatDeadlineMs', given, { min, max: heartbeatIntervalMs, unit: 'ms' });
}

function checkLimits(given: unknown = {}, environment: Environment, profile: Profile): Limits {
  if (!isObject(given) || Array.isArray(given)) {
    throw optionTypeError('limits', given, `an object such as { ${limitNames.join(', ')} }`);
  }
  checkOptionNames('limits', given, limitNames);
  const limits: Partial<Limits> = given;
  const checked = limitNames.map((name) => {
    const limit = limitTable[name];
    const value = limits[name] ?? environment.limits[name] ?? profileDefault(profile, name) ?? limit.default;
    return [name, checkInteger(`limits.${name}`, value, limit)] as const;
  });
  return Object.freeze(Object.fromEntries(checked) as Limits);
}

function checkText(option: string, value: unknown): string | undefined {
  if (value !== undefined && typeof value !== 'string') {
    throw optionTypeError(option, value, 'a string');
  }
  return value;
}

function checkConnection(value: unknown): string | RedisOptions | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'string' && !isObject(value))
    throw optionTypeError('connection', value, CONNECTION_FORMS);
  if (typeof value === 'object') checkPlainOptions('connection', value);
  readClientArguments(value, []); // so that a mistake shows where the factory is created
  return value;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
