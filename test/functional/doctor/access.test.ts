import { describe, expect, test } from 'vitest';
import { grants } from '../../../src/doctor/server/acl-rights.js';
import { runCli, type World } from '../../support/command-io.js';
import { useRedis } from '../../support/use-redis.js';

// Who may ask, and how a password gets in: never out.

/** All that has to be written otherwise in a URL. */
const SECRET = 's3cr3t@:/?#%&+ of-the-server';
const ENCODED = encodeURIComponent(SECRET);
/** No part of it may be seen either. */
const TRACE = /s3cr3t|of-the-server/;

const locked = useRedis({ password: SECRET }, { password: SECRET });
const open = useRedis();

const place = () => `127.0.0.1:${locked.server.port}`;
const commands = ['clients', 'doctor'] as const;

async function run(argv: readonly string[], env: World['env'] = {}) {
  const { code, stdout, stderr } = await runCli(argv, { env });
  expect(stdout + stderr).not.toMatch(TRACE);
  expect(stdout + stderr).not.toContain(ENCODED);
  return { code, stdout, stderr };
}

/** One line: an error, and its code. */
function errorLine(code: string): RegExp {
  return new RegExp(`^error [^\\n]+ \\(${code}\\)\\n$`);
}

describe.for(commands)('%s', (command) => {
  test.for([
    ['the URL', () => [`redis://:${ENCODED}@${place()}`], {}],
    ['the URL, with the default user', () => [`redis://default:${ENCODED}@${place()}`], {}],
    ['an address', () => [`:${ENCODED}@${place()}`], {}],
    ['REDISCLI_AUTH', () => [place()], { REDISCLI_AUTH: SECRET }],
    ['-a', () => [place(), '-a', SECRET], {}],
    ['--user and --pass', () => [place(), '--user', 'default', '--pass', SECRET], {}],
    ['-h, -p and -a', () => ['-h', '127.0.0.1', '-p', String(locked.server.port), '-a', SECRET], {}],
    ['-a before a wrong REDISCLI_AUTH', () => [place(), '-a', SECRET], { REDISCLI_AUTH: 'wrong' }],
    ['the URL before a wrong -a', () => [`redis://:${ENCODED}@${place()}`, '-a', 'wrong'], {}],
  ] as const)('takes the password from %s', async ([, argv, env]) => {
    expect(await run([command, ...argv()], env)).toMatchObject({ code: 0, stderr: '' });
  });

  test('takes it from REDIS_URL', async () => {
    const env = { REDIS_URL: `redis://:${ENCODED}@${place()}` };
    expect(await run([command], env)).toMatchObject({ code: 0, stderr: '' });
  });

  test.for([
    ['is wrong', () => [`redis://:${ENCODED}x@${place()}`], 'HYG_TARGET_AUTH'],
    ['is missing', () => [place()], 'HYG_TARGET_AUTH'],
    ['is given where none is wanted', () => [open.server.url, '-a', SECRET], 'HYG_TARGET_AUTH'],
    ['is of an unknown user', () => [place(), '--user', 'nobody', '-a', SECRET], 'HYG_TARGET_AUTH'],
    ['is badly encoded', () => [`redis://:${SECRET}@${place()}`], 'HYG_CLI_USAGE'],
    ['has a bare percent sign', () => [`redis://:s3cr3t%@${place()}`], 'HYG_CLI_USAGE'],
    [
      'goes to a server that is not there',
      () => [`redis://:${ENCODED}@127.0.0.1:1`],
      'HYG_TARGET_UNREACHABLE',
    ],
  ] as const)('says in one line that a password %s', async ([, argv, code]) => {
    const result = await run([command, ...argv()]);
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toMatch(errorLine(code));
  });

  test('keeps a password from what it says of options that it does not know', async () => {
    for (const argv of [[`--password=${SECRET}`], ['--timeout', `redis://:${ENCODED}@${place()}`]]) {
      expect((await run([command, ...argv])).code).toBe(2);
    }
  });

  async function runAs(...rules: readonly string[]) {
    const user = ['looker', 'reset', 'on', `>${SECRET}`, '-@all', ...rules];
    await locked.admin.call('ACL', ['SETUSER', ...user]);
    return run([command, place(), '--user', 'looker'], { REDISCLI_AUTH: SECRET });
  }
  const without = (right: string) => grants[command].filter((rule) => rule !== right);

  test('without CLIENT LIST it says the line to grant, and with that line it works', async () => {
    const refused = await runAs(...without('+client|list'));
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toMatch(errorLine('HYG_TARGET_PERMISSION'));
    const [line = ''] = /ACL SETUSER looker \S+/.exec(refused.stderr) ?? [];
    expect(line).toBe('ACL SETUSER looker +client|list');

    const [, ...words] = line.split(' ');
    await locked.admin.call('ACL', words);
    const granted = await run([command, place(), '--user', 'looker'], { REDISCLI_AUTH: SECRET });
    expect(granted).toMatchObject({ code: 0, stderr: '' });
    expect(granted.stdout).not.toBe('');
  });

  test('without INFO it works, with a warning that has the line', async () => {
    const { code, stdout, stderr } = await runAs(...without('+info'));
    expect(code).toBe(0);
    expect(stdout).not.toBe('');
    expect(stderr).toMatch(/^warning [^\n]*ACL SETUSER looker \+info /);
  });
});

test('without CONFIG the doctor works, with a warning', async () => {
  await open.admin.call('ACL', 'SETUSER', 'looker', 'reset', 'on', 'nopass', '+@all', '-config');
  const { code, stdout, stderr } = await run(['doctor', `redis://looker:any@127.0.0.1:${open.server.port}`]);
  expect(code).toBe(0);
  expect(stdout).not.toBe('');
  expect(stderr.match(/^warning .*ACL SETUSER looker \+config\|get/gm)).toHaveLength(1);
});
