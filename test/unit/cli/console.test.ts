import { describe, expect, test } from 'vitest';
import { type Console, createConsole } from '../../../src/cli/console.js';
import { HygieneError } from '../../../src/core/errors.js';
import { plainStyle } from '../../../src/doctor/render/text-table.js';
import { memoryIo, type CliEnvironment } from '../../support/command-io.js';

const CLEAR = '\r\x1b[2K';
const tty = true;

/** A console, and functions that return the text it has written. */
function consoleIn(world: CliEnvironment) {
  const { io, stdout, stderr } = memoryIo(world);
  return { console: createConsole(io), stdout, stderr };
}

describe('colours are used', () => {
  test.each<[string, CliEnvironment, boolean]>([
    ['on a terminal', { tty }, true],
    ['not on a pipe', {}, false],
    ['not when NO_COLOR is set', { tty, env: { NO_COLOR: '1' } }, false],
    ['when NO_COLOR is empty', { tty, env: { NO_COLOR: '' } }, true],
    ['not on a dumb terminal', { tty, env: { TERM: 'dumb' } }, false],
    ['on a pipe with FORCE_COLOR=1', { env: { FORCE_COLOR: '1' } }, true],
    ['not with FORCE_COLOR=0', { tty, env: { FORCE_COLOR: '0' } }, false],
    ['not with FORCE_COLOR=false', { tty, env: { FORCE_COLOR: 'false' } }, false],
    ['when both FORCE_COLOR and NO_COLOR are set', { env: { FORCE_COLOR: '1', NO_COLOR: '1' } }, true],
    ['on a dumb terminal with FORCE_COLOR=1', { tty, env: { FORCE_COLOR: '1', TERM: 'dumb' } }, true],
  ])('%s', (_, world, expected) => {
    const { console, stderr } = consoleIn(world);
    expect(console.style !== plainStyle).toBe(expected);
    console.warn('careful');
    expect(stderr()).toBe(expected ? '\x1b[33mwarning\x1b[39m careful\n' : 'warning careful\n');
  });
});

test.each<[CliEnvironment, number]>([
  [{ tty, columns: 132 }, 132],
  [{ tty }, 80],
  [{ tty, columns: 0 }, 80],
  [{ columns: 132 }, Infinity],
])('%j has a width of %d columns', (world, width) => {
  expect(consoleIn(world).console.width).toBe(width);
});

describe('messages', () => {
  const text = 'a right is missing, so that something is left out';
  const env = { NO_COLOR: '1' };

  test('are wrapped at the width of the terminal', () => {
    const { console, stderr } = consoleIn({ tty, columns: 24, env });
    console.warn(text);
    console.note(text);
    expect(stderr().split('\n')).toEqual([
      ...['warning a right is', 'missing, so that', 'something is left out'],
      ...['a right is missing, so', 'that something is left', 'out', ''],
    ]);
  });

  test('keep their indented lines, which are code or paths', () => {
    const { console, stderr } = consoleIn({ tty, columns: 24, env });
    const indented = '    at a/very/long/path of.a.frame (file.ts:1)';
    console.error(new HygieneError('HYG_CLI_FILE', `broken:\n${indented}\nend.`));
    expect(stderr()).toContain(`error broken:\n${indented}\nend.`);
  });

  test('are one line elsewhere', () => {
    const { console, stderr } = consoleIn({ columns: 24, env });
    console.warn(text);
    expect(stderr()).toBe(`warning ${text}\n`);
  });
});

describe('progress', () => {
  test('is replaced by the next message of any kind', () => {
    const error = new HygieneError('HYG_CLI_FILE', 'x');
    for (const write of [
      (target: Console) => target.note('x'),
      (target: Console) => target.warn('x'),
      (target: Console) => target.error(error),
    ]) {
      const { console, stderr } = consoleIn({ tty, env: { NO_COLOR: '1' } });
      console.progress('1 row');
      console.progress('2 rows');
      write(console);
      console.note('then');
      expect(stderr().startsWith(`${CLEAR}1 row${CLEAR}2 rows${CLEAR}`)).toBe(true);
      expect(stderr().endsWith('\nthen\n')).toBe(true);
    }
  });

  test('is cleared before data is printed', () => {
    const { console, stdout, stderr } = consoleIn({ tty, env: { NO_COLOR: '1' } });
    console.progress('1 row');
    console.print(['a', 'b']);
    console.print(['c']);
    expect([stdout(), stderr()]).toEqual(['a\nb\nc\n', `${CLEAR}1 row${CLEAR}`]);
  });

  test('is not written to a pipe', () => {
    const { console, stderr } = consoleIn({});
    console.progress('1 row');
    console.note('done');
    expect(stderr()).toBe('done\n');
  });
});

test('control and bidirectional characters in messages are replaced', () => {
  const hostile = 'a\x1b[2J\u009b2J\u202eb\u2028c\r\ud800';
  const clean = 'a?[2J?2J?b?c??';
  const { console, stderr } = consoleIn({ tty, columns: 200 });
  console.note(`${hostile}\nx`);
  console.warn(hostile);
  console.error(new HygieneError('HYG_CLI_FILE', hostile));
  console.error(new Error(`${hostile}\nx`));
  console.progress(hostile);
  const [note, warning, error, defect, second] = stderr().split('\n');
  expect(note).toBe(`${clean}?x`);
  expect(warning).toBe(`\x1b[33mwarning\x1b[39m ${clean}`);
  expect(error).toMatch(`\x1b[31merror\x1b[39m ${clean} `);
  expect(defect).toBe(`\x1b[31merror\x1b[39m Error: ${clean}`);
  expect(second).toBe('x');
  expect(stderr().endsWith(`${CLEAR}\x1b[2m${clean}\x1b[22m`)).toBe(true);
});

describe('error()', () => {
  test('prints a HygieneError as one line with its code', () => {
    const { console, stderr } = consoleIn({});
    console.error(new HygieneError('HYG_CLI_FILE', 'list cannot be read.'));
    expect(stderr()).toMatch(/^error list cannot be read\. .*\(HYG_CLI_FILE\)\n$/);
  });

  test('prints any other error with its stack and redacts passwords', () => {
    const { console, stderr } = consoleIn({});
    console.error(new TypeError('no redis://:s3cret@h'));
    console.error('redis://:s3cret@h');
    expect(stderr()).toMatch(/^error TypeError: no redis:\/\/\[redacted\]@h\n {4}at /);
    expect(stderr()).not.toContain('s3cret');
  });
});
