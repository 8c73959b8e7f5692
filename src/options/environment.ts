import { isSwitchedOff, type OnInvalidVariable, readWord } from '../core/variables.js';
import { type Profile, profileTable } from './profile.js';
import { type Limits, limitTable, type Setting, type SettingName, settingTable } from './settings.js';

/** What a factory does with connections: `enforce` all of its rules, or only `observe` them. See docs/adopt.md. */
export type Mode = 'enforce' | 'observe';

/** What the environment says about the connections of this process, for the factory, the drop-in and the preload alike. */
export interface Environment {
  /** Whether `REDIS_HYGIENE=off` leaves all clients to ioredis. */
  readonly isOff: boolean;
  /** `REDIS_HYGIENE_MODE`. Takes precedence over the option, so that an operator can change it without a release. */
  readonly mode: Mode | undefined;
  /** The kind of host (`REDIS_HYGIENE_PROFILE`). The option takes precedence. */
  readonly profile: Profile | undefined;
  /** What happens when the budget is full (`REDIS_HYGIENE_BUDGET`). */
  readonly budgetPolicy: 'warn' | 'refuse' | undefined;
  /** The numbers for which a variable is set. Options take precedence. */
  readonly numbers: Partial<Readonly<Record<SettingName, number>>>;
  readonly limits: Partial<Limits>;
}

/** An environment without variables of redis-hygiene. */
export const EMPTY_ENVIRONMENT: Environment = {
  isOff: false,
  mode: undefined,
  profile: undefined,
  budgetPolicy: undefined,
  numbers: {},
  limits: {},
};

const profileNames = Object.keys(profileTable) as Profile[];

/** Reads the environment. An invalid variable is ignored. */
export function readEnvironment(env: NodeJS.ProcessEnv, onInvalid: OnInvalidVariable): Environment {
  return {
    isOff: isSwitchedOff(env, onInvalid),
    mode: readWord(env, 'REDIS_HYGIENE_MODE', ['enforce', 'observe'], onInvalid),
    profile: readWord(env, 'REDIS_HYGIENE_PROFILE', profileNames, onInvalid),
    budgetPolicy: readWord(env, 'REDIS_HYGIENE_BUDGET', ['warn', 'refuse'], onInvalid),
    numbers: readNumbers(env, onInvalid),
    limits: readTable(env, limitTable, (name) => variableOf(`limits_${name}`), onInvalid),
  };
}

/** Environment variable of a setting: `REDIS_HYGIENE_KEEP_ALIVE_MS` for `keepAliveMs`. */
export function variableOf(name: string): string {
  return `REDIS_HYGIENE_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/** Reads the numbers, and limits the heartbeat deadline to the interval, which the tables cannot express. */
function readNumbers(env: NodeJS.ProcessEnv, onInvalid: OnInvalidVariable): Environment['numbers'] {
  const numbers = readTable(env, settingTable, variableOf, onInvalid);
  const {
    heartbeatDeadlineMs: deadline,
    heartbeatIntervalMs: interval = settingTable.heartbeatIntervalMs.default,
  } = numbers;
  if (deadline === undefined || deadline <= interval) return numbers;
  onInvalid(
    `${variableOf('heartbeatDeadlineMs')} is ${deadline}, expected at most the heartbeat interval of ${interval} ms. The interval is used.`,
  );
  return { ...numbers, heartbeatDeadlineMs: interval };
}

function readTable<Name extends string>(
  env: NodeJS.ProcessEnv,
  table: Readonly<Record<Name, Setting>>,
  toVariable: (name: string) => string,
  onInvalid: OnInvalidVariable,
): Partial<Record<Name, number>> {
  const names = Object.keys(table) as Name[];
  const values = names.map(
    (name) => [name, readNumber(env, toVariable(name), table[name], onInvalid)] as const,
  );
  return Object.fromEntries(values.filter(([, value]) => value !== undefined)) as Partial<
    Record<Name, number>
  >;
}

function readNumber(
  env: NodeJS.ProcessEnv,
  variable: string,
  { min, max, unit, ...row }: Setting,
  onInvalid: OnInvalidVariable,
): number | undefined {
  const text = env[variable]?.trim();
  if (!text) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  onInvalid(
    `${variable} is ${JSON.stringify(text)}, expected a whole number of ${unit} from ${min} to ${max}. The default ${row.default} is used.`,
  );
  return undefined;
}
