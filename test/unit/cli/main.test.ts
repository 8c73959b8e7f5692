import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { runCli } from '../../support/command-io.js';

const LIST = fileURLToPath(new URL('../../fixtures/client-list/redis-7.0.txt', import.meta.url));

describe('help', () => {
  test('is data, on standard output', async () => {
    const { code, stdout, stderr } = await runCli(['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Usage: redis-hygiene .*\n/);
    expect(stdout).toContain('clients');
  });

  test('of a command names its options', async () => {
    const { code, stdout, stderr } = await runCli(['clients', '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const option of ['--by', '--top', '--where', '--sample', '--file', '--json', '--csv', '--wait'])
      expect(stdout).toContain(option);
  });
});

describe('a command line that makes no sense', () => {
  test.each<[string, string[], RegExp]>([
    ['an unknown command', ['client'], /unknown command 'client'/],
    ['an unknown option', ['clients', '--tpo', '5'], /unknown option '--tpo'/],
    ['an option without its value', ['clients', '--top'], /--top <n>.* argument missing/],
    ['a number that is none', ['clients', '--top', 'many'], /--top.*whole number from 1/],
    ['a number below 1', ['clients', '--top', '0'], /--top.*whole number from 1/],
    ['a length of time that is none', ['clients', '--wait', 'soon'], /--wait.*500ms, 10s, 30m or 2h/],
    ['a key that nobody knows', ['clients', '--by', 'colour'], /--by.*Allowed choices are owner/],
    ['two forms of output', ['clients', '--json', '--csv'], /'--json' cannot be used with .*'--csv'/],
    ['a filter that is none', ['clients', '--file', LIST, '--where', 'idel>5'], /no field "idel"/],
    ['an address that is none', ['clients', 'http://10.0.0.1'], /"http:\/\/10.0.0.1" is no address/],
    ['a file looked at twice', ['clients', '--file', LIST, '--sample', '1s'], /--sample looks twice/],
  ])('%s', async (_, argv, words) => {
    const { code, stdout, stderr } = await runCli(argv);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(words);
    expect(stderr).toMatch(/--help/);
    expect(stderr).not.toMatch(/\n {4}at /); // no stack
  });

  test('no command at all: the help, on standard error', async () => {
    const { code, stdout, stderr } = await runCli([]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^Usage: redis-hygiene/);
  });

  test('a password in it is not repeated', async () => {
    const { code, stdout, stderr } = await runCli(['clinets', 'redis://:s3cret@10.0.0.1']);
    expect(code).toBe(2);
    expect(stdout + stderr).not.toContain('s3cret');
  });
});

test('data goes to standard output, and nothing beside it', async () => {
  const { code, stdout, stderr } = await runCli(['clients', '--file', '-', '--by', 'ip', '--json'], {
    stdin: readFileSync(LIST),
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(stdout)).toMatchObject({ schema: 'redis-hygiene/clients', version: 1, clients: 37 });
});

test('a defect of ours is told with its stack, and without secrets', async () => {
  const clock = { ...(await import('../../../src/core/clock.js')).systemClock };
  clock.now = () => {
    throw new TypeError('broken at redis://:s3cret@10.0.0.1');
  };
  const { code, stderr } = await runCli(['clients', '--file', LIST, '--json'], { clock });
  expect(code).toBe(2);
  expect(stderr).toMatch(/TypeError: broken[^]*\n {4}at /);
  expect(stderr).not.toContain('s3cret');
});
