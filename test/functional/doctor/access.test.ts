import { describe, expect, test } from 'vitest';
import { requiredRights } from '../../../src/doctor/server/acl-rights.js';
import { runCli, type CliEnvironment } from '../../support/command-io.js';
import { useRedis } from '../../support/use-redis.js';

// Credentials and rights of the user. A password never appears in the output.

/** A password with all characters that must be encoded in a URL. */
const SECRET = 's3cr3t@:/?#%&+ of-the-server';
const ENCODED = encodeURIComponent(SECRET);
/** Parts of the password, which must not appear in the output. */
const SECRET_PART = /s3cr3t|of-the-server/;

const locked = useRedis({ password: SECRET }, { password: SECRET });
const open = useRedis();

const address = () => `127.0.0.1:${locked.server.port}`;
const commands = ['clients', 'doctor'] as const;

async function run(argv: readonly string[], env: CliEnvironment['env'] = {}) {
  const { code, stdout, stderr } = await runCli(argv, { env });
  expect(stdout + stderr).not.toMatch(SECRET_PART);
  expect(stdout + stderr).not.toContain(ENCODED);
  return { code, stdout, stderr };
}

/** A line with an error and its code. */
function errorLine(code: string): RegExp {
  return new RegExp(`^error [^\\n]+ \\(${code}\\)\\n$`);
}

describe.for(commands)('%s', (command) => {
  test.for([
    ['the URL', () => [`redis://:${ENCODED}@${address()}`], {}],
    ['the URL, with the default user', () => [`redis://default:${ENCODED}@${address()}`], {}],
    ['an address', () => [`:${ENCODED}@${address()}`], {}],
    ['REDISCLI_AUTH', () => [address()], { REDISCLI_AUTH: SECRET }],
    ['-a', () => [address(), '-a', SECRET], {}],
    ['--user and --pass', () => [address(), '--user', 'default', '--pass', SECRET], {}],
    ['-h, -p and -a', () => ['-h', '127.0.0.1', '-p', String(locked.server.port), '-a', SECRET], {}],
    ['-a before a wrong REDISCLI_AUTH', () => [address(), '-a', SECRET], { REDISCLI_AUTH: 'wrong' }],
    ['the URL before a wrong -a', () => [`redis://:${ENCODED}@${address()}`, '-a', 'wrong'], {}],
  ] as const)('takes the password from %s', async ([, argv, env]) => {
    expect(await run([command, ...argv()], env)).toMatchObject({ code: 0, stderr: '' });
  });

  test('takes the password from REDIS_URL', async () => {
    const env = { REDIS_URL: `redis://:${ENCODED}@${address()}` };
    expect(await run([command], env)).toMatchObject({ code: 0, stderr: '' });
  });

  test.for([
    ['is wrong', () => [`redis://:${ENCODED}x@${address()}`], 'HYG_TARGET_AUTH'],
    ['is missing', () => [address()], 'HYG_TARGET_AUTH'],
    ['is given to a server without one', () => [open.server.url, '-a', SECRET], 'HYG_TARGET_AUTH'],
    ['is that of an unknown user', () => [address(), '--user', 'nobody', '-a', SECRET], 'HYG_TARGET_AUTH'],
    ['is badly encoded', () => [`redis://:${SECRET}@${address()}`], 'HYG_CLI_USAGE'],
    ['has a bare percent sign', () => [`redis://:s3cr3t%@${address()}`], 'HYG_CLI_USAGE'],
    [
      'is for a server that does not run',
      () => [`redis://:${ENCODED}@127.0.0.1:1`],
      'HYG_TARGET_UNREACHABLE',
    ],
  ] as const)('reports in one line that a password %s', async ([, argv, code]) => {
    const result = await run([command, ...argv()]);
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toMatch(errorLine(code));
  });

  test('does not repeat a password in errors about unknown options', async () => {
    for (const argv of [[`--password=${SECRET}`], ['--timeout', `redis://:${ENCODED}@${address()}`]]) {
      expect((await run([command, ...argv])).code).toBe(2);
    }
  });

  async function runAs(...rules: readonly string[]) {
    const user = ['reader', 'reset', 'on', `>${SECRET}`, '-@all', ...rules];
    await locked.admin.call('ACL', ['SETUSER', ...user]);
    return run([command, address(), '--user', 'reader'], { REDISCLI_AUTH: SECRET });
  }
  const without = (right: string) => requiredRights[command].filter((rule) => rule !== right);

  test('without the right to CLIENT LIST prints the command that grants it, which is enough', async () => {
    const refused = await runAs(...without('+client|list'));
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toMatch(errorLine('HYG_TARGET_PERMISSION'));
    const [line = ''] = /ACL SETUSER reader \S+/.exec(refused.stderr) ?? [];
    expect(line).toBe('ACL SETUSER reader +client|list');

    const [, ...words] = line.split(' ');
    await locked.admin.call('ACL', words);
    const granted = await run([command, address(), '--user', 'reader'], { REDISCLI_AUTH: SECRET });
    expect(granted).toMatchObject({ code: 0, stderr: '' });
    expect(granted.stdout).not.toBe('');
  });

  test('without the right to INFO works, with a warning that contains the command', async () => {
    const { code, stdout, stderr } = await runAs(...without('+info'));
    expect(code).toBe(0);
    expect(stdout).not.toBe('');
    expect(stderr).toMatch(/^warning [^\n]*ACL SETUSER reader \+info /);
  });
});

test('doctor without the right to CONFIG works, with a warning', async () => {
  await open.admin.call('ACL', 'SETUSER', 'reader', 'reset', 'on', 'nopass', '+@all', '-config');
  const { code, stdout, stderr } = await run(['doctor', `redis://reader:any@127.0.0.1:${open.server.port}`]);
  expect(code).toBe(0);
  expect(stdout).not.toBe('');
  expect(stderr.match(/^warning .*ACL SETUSER reader \+config\|get/gm)).toHaveLength(1);
});
