import type { FactoryOptions } from '../options/factory-options.js';
import { limitTable, type Setting, settingTable } from '../options/settings.js';
import { warn } from './warnings.js';

/** What the environment says: all of it is optional. */
export interface PreloadSettings {
  /** The numbers of a factory, as far as they are given. */
  readonly numbers: Pick<FactoryOptions, keyof typeof settingTable | 'limits'>;
  /** `REDIS_HYGIENE_BUDGET`: what happens where it is full. */
  readonly onFull: 'warn' | 'refuse';
}

/** `keepAliveMs` is `REDIS_HYGIENE_KEEP_ALIVE_MS`. */
export function variableOf(name: string): string {
  return `REDIS_HYGIENE_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

function readNumber(env: NodeJS.ProcessEnv, variable: string, { min, max, unit, ...row }: Setting) {
  const text = env[variable]?.trim();
  if (!text) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  warn(
    'HYG_PRELOAD_VARIABLE',
    `${variable} is ${JSON.stringify(text)}, expected a whole number of ${unit} from ${min} to ${max}: ${row.default} is used.`,
  );
  return undefined;
}

function readTable<Name extends string>(
  env: NodeJS.ProcessEnv,
  table: Readonly<Record<Name, Setting>>,
  variable: (name: string) => string,
): Partial<Record<Name, number>> {
  const names = Object.keys(table) as Name[];
  const read = names.map((name) => [name, readNumber(env, variable(name), table[name])] as const);
  return Object.fromEntries(read.filter(([, value]) => value !== undefined)) as Partial<Record<Name, number>>;
}

/** A deadline must not be longer than the interval, which the tables alone do not say. */
function readNumbers(env: NodeJS.ProcessEnv): PreloadSettings['numbers'] {
  const numbers = readTable(env, settingTable, variableOf);
  const limits = readTable(env, limitTable, (name) => variableOf(`limits_${name}`));
  const {
    heartbeatDeadlineMs: deadline,
    heartbeatIntervalMs: interval = settingTable.heartbeatIntervalMs.default,
  } = numbers;
  if (deadline === undefined || deadline <= interval) return { ...numbers, limits };
  warn(
    'HYG_PRELOAD_VARIABLE',
    `${variableOf('heartbeatDeadlineMs')} is ${deadline}, expected at most the interval, ${interval}: ${interval} is used.`,
  );
  return { ...numbers, limits, heartbeatDeadlineMs: interval };
}

/** One of some words. */
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
    `${variable} is ${JSON.stringify(text)}, expected ${words.join(' or ')}: ${words[0]} is used.`,
  );
  return words[0];
}

/** Several of some words, with commas in between. What is not known is told, and left out. */
export function readWords<Word extends string>(
  env: NodeJS.ProcessEnv,
  variable: string,
  words: readonly Word[],
): readonly Word[] {
  const given = (env[variable] ?? '').split(',').map((text) => text.trim().toLowerCase());
  for (const text of given.filter((one) => one && !words.some((word) => word.toLowerCase() === one))) {
    warn(
      'HYG_PRELOAD_VARIABLE',
      `${variable} names ${JSON.stringify(text)}, expected ${words.join(', ')}: it is left out.`,
    );
  }
  return words.filter((word) => given.includes(word.toLowerCase()));
}

export function readSettings(env: NodeJS.ProcessEnv): PreloadSettings {
  return {
    numbers: readNumbers(env),
    onFull: readWord(env, 'REDIS_HYGIENE_BUDGET', ['warn', 'refuse']),
  };
}
