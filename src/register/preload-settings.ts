import type { FactoryOptions } from '../options/factory-options.js';
import { limitTable, type Setting, settingTable } from '../options/settings.js';
import { warn } from './warnings.js';

/** Settings of the preload, read from environment variables. */
export interface PreloadSettings {
  /** The numbers of a factory for which a variable is set. */
  readonly numericOptions: Pick<FactoryOptions, keyof typeof settingTable | 'limits'>;
  /** What happens when the budget is full (`REDIS_HYGIENE_BUDGET`). */
  readonly budgetPolicy: 'warn' | 'refuse';
}

/** Reads the settings. An invalid variable is replaced by its default, with a warning. */
export function readSettings(env: NodeJS.ProcessEnv): PreloadSettings {
  return {
    numericOptions: readNumbers(env),
    budgetPolicy: readWord(env, 'REDIS_HYGIENE_BUDGET', ['warn', 'refuse']),
  };
}

/** Environment variable of a setting: `REDIS_HYGIENE_KEEP_ALIVE_MS` for `keepAliveMs`. */
export function variableOf(name: string): string {
  return `REDIS_HYGIENE_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/** Reads all numbers, and limits the heartbeat deadline to the interval, which the tables cannot express. */
function readNumbers(env: NodeJS.ProcessEnv): PreloadSettings['numericOptions'] {
  const numbers = readTable(env, settingTable, variableOf);
  const limits = readTable(env, limitTable, (name) => variableOf(`limits_${name}`));
  const {
    heartbeatDeadlineMs: deadline,
    heartbeatIntervalMs: interval = settingTable.heartbeatIntervalMs.default,
  } = numbers;
  if (deadline === undefined || deadline <= interval) return { ...numbers, limits };
  warn(
    'HYG_PRELOAD_VARIABLE',
    `${variableOf('heartbeatDeadlineMs')} is ${deadline}, expected at most the heartbeat interval of ${interval} ms. The interval is used.`,
  );
  return { ...numbers, limits, heartbeatDeadlineMs: interval };
}

function readTable<Name extends string>(
  env: NodeJS.ProcessEnv,
  table: Readonly<Record<Name, Setting>>,
  toVariable: (name: string) => string,
): Partial<Record<Name, number>> {
  const names = Object.keys(table) as Name[];
  const values = names.map((name) => [name, readNumber(env, toVariable(name), table[name])] as const);
  return Object.fromEntries(values.filter(([, value]) => value !== undefined)) as Partial<
    Record<Name, number>
  >;
}

function readNumber(env: NodeJS.ProcessEnv, variable: string, { min, max, unit, ...row }: Setting) {
  const text = env[variable]?.trim();
  if (!text) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  warn(
    'HYG_PRELOAD_VARIABLE',
    `${variable} is ${JSON.stringify(text)}, expected a whole number of ${unit} from ${min} to ${max}. The default ${row.default} is used.`,
  );
  return undefined;
}

/** Reads a variable that takes one of some words. The first word is the default. */
export function readWord<Word extends string>(
  env: NodeJS.ProcessEnv,
  variable: string,
  words: readonly [Word, ...Word[]],
): Word {
  const text = env[variable]?.trim().toLowerCase();
  const known = words.find((word) => word === text);
  if (known ?? !text) return known ?? words[0];
  warn(
    'HYG_PRELOAD_VARIABLE',
    `${variable} is ${JSON.stringify(text)}, expected ${words.join(' or ')}. The default ${words[0]} is used.`,
  );
  return words[0];
}

/** Reads a variable that takes several of some words, separated by commas. Unknown words are ignored with a warning. */
export function readWords<Word extends string>(
  env: NodeJS.ProcessEnv,
  variable: string,
  words: readonly Word[],
): readonly Word[] {
  const given = (env[variable] ?? '').split(',').map((text) => text.trim().toLowerCase());
  for (const text of given.filter((item) => item && !words.some((word) => word.toLowerCase() === item))) {
    warn(
      'HYG_PRELOAD_VARIABLE',
      `${variable} contains ${JSON.stringify(text)}, expected one or more of ${words.join(', ')}. It is ignored.`,
    );
  }
  return words.filter((word) => given.includes(word.toLowerCase()));
}
