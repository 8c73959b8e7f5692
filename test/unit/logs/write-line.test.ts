import { describe, expect, test, vi } from 'vitest';
import { createLineWriter, detectFormat, isLogger } from '../../../src/logs/write-line.js';

const line = {
  level: 'warn',
  message: 'A connection to redis://u:secret@h is lost',
  fields: { target: 'redis://h:6379', why: 'two words', ids: [1, 2], password: 'secret', port: 7 },
  key: '',
} as const;

const fields = {
  target: 'redis://h:6379',
  why: 'two words',
  ids: [1, 2],
  password: '[redacted]',
  port: 7,
};
const message = 'A connection to redis://[redacted]@h is lost';

describe('a line without secrets', () => {
  test.each([
    ['fields-first', [fields, message]],
    ['message-first', [message, fields]],
    ['text', [`${message} target=redis://h:6379 why="two words" ids=[1,2] password=[redacted] port=7`]],
  ] as const)('%s', (format, expected) => {
    const warn = vi.fn();
    createLineWriter({ warn, error: warn, info: warn }, format)(line);
    expect(warn.mock.calls).toEqual([expected]);
  });
});

test('a method is called on its logger, and a missing debug writes nothing', () => {
  const logger = {
    lines: [] as unknown[],
    warn() {
      this.lines.push('warn');
    },
    error: () => undefined,
    log() {
      this.lines.push('log');
    },
  };
  const write = createLineWriter(logger, 'text');
  write({ ...line, level: 'warn' });
  write({ ...line, level: 'info' });
  write({ ...line, level: 'debug' });
  expect(logger.lines).toEqual(['warn', 'log']);
});

test('a logger whose calls fail later or at once does not throw, and is reported once', async () => {
  const warnings = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  const failing = () => {
    throw new Error('disk full');
  };
  const rejecting = () => Promise.reject(new Error('disk full'));
  for (const method of [failing, rejecting, failing]) {
    createLineWriter({ info: method, warn: method, error: method }, 'text')(line);
  }
  await new Promise((resolve) => setImmediate(resolve));
  expect(warnings.mock.calls.length).toBeLessThanOrEqual(1); // other tests of the process may have been first
  warnings.mockRestore();
});

test('loggers are recognised by the members that only they have', () => {
  expect(detectFormat({ bindings: () => ({}) })).toBe('fields-first');
  expect(detectFormat({ addStream: () => undefined })).toBe('fields-first');
  expect(detectFormat({ transports: [] })).toBe('message-first');
  expect(detectFormat(console)).toBe('text');
});

test('a logger has warn, error, and info or log', () => {
  const method = () => undefined;
  expect(isLogger(console)).toBe(true);
  expect(isLogger({ log: method, warn: method, error: method })).toBe(true);
  expect(isLogger({ info: method, warn: method })).toBe(false);
  expect([null, undefined, 'console', 1].map(isLogger)).toEqual([false, false, false, false]);
});
