import { redact } from '../core/redact.js';
import { callObserver } from '../core/warnings.js';
import type { LogFields, LogLine } from './log-table.js';

/**
 * A logger: pino, winston, bunyan, `console`, the `log` of Fastify, the `Logger` of Nest, or an object of your own.
 * Without `info`, its `log` is used; without `debug`, such lines are left out.
 */
export interface EventLogger {
  readonly debug?: LogMethod;
  readonly info?: LogMethod;
  readonly log?: LogMethod;
  readonly warn: LogMethod;
  readonly error: LogMethod;
}

/** A method of a logger, whatever it takes. */
type LogMethod = (...line: never[]) => unknown;

/** How a logger is called, by example. `text` is for loggers that take no fields. */
export const lineFormats = {
  'fields-first': "logger.warn({ target: 'redis://…' }, 'message')",
  'message-first': "logger.warn('message', { target: 'redis://…' })",
  text: "logger.warn('message target=redis://…')",
} as const;

export type LineFormat = keyof typeof lineFormats;

/** Members by which loggers are recognised. */
interface KnownLogger {
  /** Of pino. */
  readonly bindings?: unknown;
  /** Of bunyan. */
  readonly addStream?: unknown;
  /** Of winston. */
  readonly transports?: unknown;
}

/** How a logger is called, by the members that only pino, bunyan and winston have. */
export function detectFormat(logger: object): LineFormat {
  const { bindings, addStream, transports } = logger as KnownLogger;
  if (typeof bindings === 'function' || typeof addStream === 'function') return 'fields-first';
  return Array.isArray(transports) ? 'message-first' : 'text';
}

/** Whether lines can be written to a value. */
export function isLogger(value: unknown): value is EventLogger {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  const { info, log, warn, error } = value as Partial<Record<keyof EventLogger, unknown>>;
  return [info ?? log, warn, error].every((method) => typeof method === 'function');
}

type Method = (...line: unknown[]) => unknown;

/**
 * Creates the function that writes lines to a logger. Secrets are removed from all of a line. A logger that throws, or
 * whose promise is rejected, is reported by one warning of the process.
 */
export function createLineWriter(logger: EventLogger, format: LineFormat): (line: LogLine) => void {
  const argumentsOf = formatters[format];
  return ({ level, message, fields }) =>
    callObserver('The logger of logEvents()', () => {
      const method = (level === 'info' ? (logger.info ?? logger.log) : logger[level]) as Method | undefined;
      return method?.apply(logger, argumentsOf(redact(message), redact(fields)));
    });
}

const formatters: Readonly<Record<LineFormat, (message: string, fields: LogFields) => unknown[]>> = {
  'fields-first': (message, fields) => [fields, message],
  'message-first': (message, fields) => [message, fields],
  text: (message, fields) => [[message, ...Object.entries(fields).map(formatField)].join(' ')],
};

/** A field as `key=value`. A value with blanks, quotes or several lines is written as JSON, on one line. */
function formatField([key, value]: readonly [string, unknown]): string {
  const isPlain = typeof value === 'string' && /^[^\s"=]+$/.test(value);
  return `${key}=${isPlain ? value : JSON.stringify(value)}`;
}
