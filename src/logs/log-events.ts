import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { type Clock, systemClock } from '../core/clock.js';
import { HygieneError } from '../core/errors.js';
import { type ChannelMessage, channelTable } from '../factory/channels.js';
import type { HygieneEvents } from '../factory/events.js';
import type { RedisFactory } from '../factory/factory.js';
import { checkOptionNames, optionTypeError } from '../options/check-options.js';
import { createLineFolder } from './fold-lines.js';
import { lineOf, type LogLevel, type LogLine, logLevels, logTable } from './log-table.js';
import { createOutages, outageEvents } from './outages.js';
import {
  createLineWriter,
  detectFormat,
  type EventLogger,
  isLogger,
  type LineFormat,
  lineFormats,
} from './write-line.js';

/** Options of `logEvents()`. */
export interface LogOptions {
  /** Levels of events, in place of those in docs/logs.md. `off` writes no line. */
  readonly levels?: Readonly<Partial<Record<keyof HygieneEvents, LogLevel>>> | undefined;
  /** How the logger is called. @default detected: pino and bunyan `fields-first`, winston `message-first`, others `text` */
  readonly format?: LineFormat | undefined;
}

/** Lines that are being written. */
export interface EventLog {
  /** Writes what has been folded, and ends. */
  stop(): void;
}

/** The factories whose events are logged: one of them, or with `process` all of this process, the preload included. */
export type LoggedFactories = Pick<RedisFactory, 'on' | 'off' | 'identity'> | 'process';

type EventName = keyof HygieneEvents;

const eventNames = Object.keys(logTable) as EventName[];

/** Logs that are written, by source and logger, so that a second call does not double the lines. */
const running = new WeakMap<object, WeakMap<object, EventLog>>();

/** Stands for `process` among the sources. */
const WHOLE_PROCESS = {};

/**
 * Writes each event of a factory as one line to a logger. Repetitions of the same fact within 10 s become one line. A
 * second call with the same factory and logger returns the first log, and its options do not count. See docs/logs.md.
 *
 * @param factories A factory, or `'process'` for all factories of this process and the preload.
 * @throws HygieneError `HYG_OPTION_UNKNOWN`, `HYG_OPTION_TYPE`
 */
export function logEvents(
  factories: LoggedFactories,
  logger: EventLogger,
  options: LogOptions = {},
): EventLog {
  checkFactories(factories);
  if (!isLogger(logger))
    throw optionTypeError('logger', logger, 'an object with info (or log), warn and error');
  const { levels, format } = checkLogOptions(options);
  const source = factories === 'process' ? WHOLE_PROCESS : factories;
  const logs = running.get(source) ?? new WeakMap<object, EventLog>();
  running.set(source, logs);
  const known = logs.get(logger);
  if (known) return known;
  const write = createLineWriter(logger, format ?? detectFormat(logger));
  const stop = startLog(factories, { clock: systemClock, write, levels });
  const log = {
    stop() {
      if (logs.get(logger) === log) logs.delete(logger); // another one may have begun since
      stop();
    },
  };
  logs.set(logger, log);
  return log;
}

interface LogPorts {
  readonly clock: Clock;
  readonly write: ReturnType<typeof createLineWriter>;
  readonly levels: NonNullable<LogOptions['levels']>;
}

/** Starts to log. Returns the function that ends it. */
function startLog(factories: LoggedFactories, { clock, write, levels }: LogPorts): () => void {
  const folder = createLineFolder(clock, write);
  const outages = createOutages();

  function log<Name extends EventName>(
    { service, host }: RedisFactory['identity'],
    event: Name,
    payload: HygieneEvents[Name][0],
  ): void {
    // What was folded belongs before the line of the end. A single factory has nothing to fold after it.
    if (event === 'shutdown') {
      if (factories === 'process') folder.flush();
      else folder.stopFolding();
    }
    const outage = outages.note(event, payload);
    const line = lineOf(event, payload, levels, outage);
    if (!line) return;
    // What was folded of an outage belongs before the line of its end.
    if (event === 'ready' && folder.isFirst(line)) folder.flush((latest) => isAboutSame(latest, line));
    folder.add({ ...line, fields: { ...line.fields, service, host } });
  }

  const unsubscribeAll =
    factories === 'process' ? subscribeToProcess(log) : subscribeTo(factories, levels, log);
  return () => {
    unsubscribeAll();
    folder.stopFolding();
  };
}

/** Whether lines are about the same connections, or about their server. */
function isAboutSame({ fields: one }: LogLine, { fields: other }: LogLine): boolean {
  const name = one['connection'];
  return one['target'] === other['target'] && (name === undefined || name === other['connection']);
}

type Log = <Name extends EventName>(
  identity: RedisFactory['identity'],
  event: Name,
  payload: HygieneEvents[Name][0],
) => void;

/** An event that is never written has no listener, unless it tells of outages: an `error` would count as heard. */
function subscribeTo(
  factory: Exclude<LoggedFactories, 'process'>,
  levels: LogPorts['levels'],
  log: Log,
): () => void {
  const isNeeded = (name: EventName) =>
    outageEvents.includes(name) || (levels[name] ?? logTable[name].level) !== 'off';
  const names = eventNames.filter(isNeeded);
  const listeners = names.map((name) => {
    const listener = (payload: HygieneEvents[typeof name][0]) => log(factory.identity, name, payload);
    factory.on(name, listener);
    return () => factory.off(name, listener);
  });
  return () => listeners.forEach((remove) => remove());
}

function subscribeToProcess(log: Log): () => void {
  const onMessage = (message: unknown) => {
    const { service, host, event, data } = message as ChannelMessage;
    log({ service, host }, event, data);
  };
  const names = Object.keys(channelTable).map((word) => `redis-hygiene:${word}`);
  names.forEach((name) => subscribe(name, onMessage));
  return () => names.forEach((name) => unsubscribe(name, onMessage));
}

/** @throws HygieneError `HYG_OPTION_TYPE` */
function checkFactories(factories: unknown): void {
  if (factories === 'process') return;
  const { on, off, identity } = (factories ?? {}) as Partial<RedisFactory>;
  if (typeof on === 'function' && typeof off === 'function' && typeof identity === 'object') return;
  throw optionTypeError('factory', factories, 'a factory of redis-hygiene, or "process" for all of them');
}

/** @throws HygieneError `HYG_OPTION_UNKNOWN`, `HYG_OPTION_TYPE` */
function checkLogOptions(options: LogOptions): Pick<LogPorts, 'levels'> & Pick<LogOptions, 'format'> {
  checkOptionNames('logEvents()', options, ['levels', 'format']);
  const { levels = {}, format } = options;
  checkOptionNames('levels', levels, eventNames);
  for (const [name, level] of Object.entries(levels)) checkWord(`levels.${name}`, level, logLevels);
  if (format !== undefined) checkWord('format', format, Object.keys(lineFormats));
  return { levels, format };
}

function checkWord(option: string, value: unknown, words: readonly string[]): void {
  if (typeof value === 'string' && words.includes(value)) return;
  if (typeof value !== 'string') throw optionTypeError(option, value, `one of: ${words.join(', ')}`);
  const what = `Option "${option}" is "${value}", expected one of: ${words.join(', ')}.`;
  throw new HygieneError('HYG_OPTION_RANGE', what, { details: { option, expected: words } });
}
