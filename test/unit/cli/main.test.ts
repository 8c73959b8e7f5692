import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { runCli } from '../../support/command-io.js';

const LIST = fileURLToPath(new URL('../../fixtures/client-list/redis-7.0.txt', import.meta.url));

describe('--help', () => {
  test('prints to standard output', async () => {
    const { code, stdout, stderr } = await runCli(['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Usage: redis-hygiene .*\n/);
    expect(stdout).toContain('clients');
  });

  test('of a command lists its options', async () => {
    const { code, stdout, stderr } = await runCli(['clients', '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const option of ['--by', '--top', '--where', '--sample', '--file', '--json', '--csv', '--wait'])
      expect(stdout).toContain(option);
  });
});

describe('help is asked for by', () => {
  test.each([
    [['-h'], ['--help']],
    [['help'], ['--help']],
    [
      ['help', 'clients'],
      ['clients', '--help'],
    ],
    [
      ['clients', '-h'],
      ['clients', '--help'],
    ],
    [
      ['doctor', '--docker', '-h'],
      ['doctor', '--help'],
    ],
  ])('%j', async (argv, same) => {
    const result = await runCli(argv);
    expect(result).toEqual({ ...(await runCli(same)), code: 0, stderr: '' });
    expect(result.stdout).toMatch(/^Usage: redis-hygiene /);
  });

  test('-h, but not where a host follows', async () => {
    const { code, stderr } = await runCli(['clients', '-h', '127.0.0.1', '-p', '1']);
    expect(code).toBe(2);
    expect(stderr).toContain('127.0.0.1:1 cannot be reached');
  });
});

describe('a wrong command line is refused:', () => {
  test.each<[string, string[], RegExp]>([
    ['an unknown command', ['client'], /unknown command 'client'/],
    ['an unknown option', ['clients', '--tpo', '5'], /unknown option '--tpo'/],
    ['an option without its value', ['clients', '--top'], /--top <n>.* argument missing/],
    ['a text in the place of a number', ['clients', '--top', 'many'], /--top.*whole number from 1/],
    ['a number below 1', ['clients', '--top', '0'], /--top.*whole number from 1/],
    ['a duration that cannot be parsed', ['clients', '--wait', 'soon'], /--wait.*500ms, 10s, 30m or 2h/],
    ['an unknown key', ['clients', '--by', 'colour'], /--by.*Allowed choices are owner/],
    ['two output formats', ['clients', '--json', '--csv'], /'--json' cannot be used with .*'--csv'/],
    ['a filter with an unknown field', ['clients', '--file', LIST, '--where', 'idel>5'], /no field "idel"/],
    [
      'a URL that is not the address of a server',
      ['clients', 'http://10.0.0.1'],
      /"http:\/\/10.0.0.1" is not the address/,
    ],
    ['a file with --sample', ['clients', '--file', LIST, '--sample', '1s'], /--sample reads a server twice/],
  ])('%s', async (_, argv, message) => {
    const { code, stdout, stderr } = await runCli(argv);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/--help/);
    expect(stderr).not.toMatch(/\n {4}at /); // no stack
  });

  test('no command at all: prints the help to standard error', async () => {
    const { code, stdout, stderr } = await runCli([]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^Usage: redis-hygiene/);
  });

  test('passwords in it are not printed', async () => {
    const { code, stdout, stderr } = await runCli(['clinets', 'redis://:s3cret@10.0.0.1']);
    expect(code).toBe(2);
    expect(stdout + stderr).not.toContain('s3cret');
  });
});

test('only data goes to standard output', async () => {
  const { code, stdout, stderr } = await runCli(['clients', '--file', '-', '--by', 'ip', '--json'], {
    stdin: readFileSync(LIST),
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(stdout)).toMatchObject({ schema: 'redis-hygiene/clients', version: 1, clients: 37 });
});

test('an unexpected error is printed with its stack and without passwords', async () => {
  const clock = { ...(await import('../../../src/core/clock.js')).systemClock };
  clock.now = () => {
    throw new TypeError('broken at redis://:s3cret@10.0.0.1');
  };
  const { code, stderr } = await runCli(['clients', '--file', LIST, '--json'], { clock });
  expect(code).toBe(2);
  expect(stderr).toMatch(/TypeError: broken[^]*\n {4}at /);
  expect(stderr).not.toContain('s3cret');
});
