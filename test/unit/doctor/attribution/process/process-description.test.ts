import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  redactFolder,
  readProgram,
} from '../../../../../src/doctor/attribution/process/process-description.js';
import { MARK, secrets } from '../../../../support/unit/secret.js';

const titleOf = (...args: string[]) => readProgram(args, 'comm').title;

describe('the title of a program', () => {
  test.each([
    [['node', 'server.js'], 'node server.js'],
    [
      ['/usr/bin/node', '--inspect', '/srv/orders/dist/main.js', '--port', '80'],
      'node /srv/orders/dist/main.js',
    ],
    [['node', '-r', 'dotenv/config', '--import', './tracing.js', 'main.mjs'], 'node main.mjs'],
    [['node', '--max-old-space-size=400', 'main.js'], 'node main.js'],
    [['python3', '-m', 'celery', '-A', 'shop', 'worker'], 'python3 celery'],
    [['/usr/bin/python3.11', '-u', '-W', 'ignore', 'manage.py', 'runserver'], 'python3.11 manage.py'],
    [['ruby', '-I', 'lib', 'bin/worker'], 'ruby bin/worker'],
    [['php', '-d', 'memory_limit=1G', 'artisan', 'queue:work'], 'php artisan'],
    [['java', '-Xmx1g', '-Dredis.password=x', '-jar', '/app/orders.jar', '--p=x'], 'java /app/orders.jar'],
    [['java', '-cp', 'a.jar:b.jar', 'com.example.Main', 'x'], 'java com.example.Main'],
    [['dotnet', 'Orders.dll'], 'dotnet Orders.dll'],
    [['bun', 'run', 'start.ts'], 'bun start.ts'],
    [['perl', '-w', 'poll.pl'], 'perl poll.pl'],
    [['redis-cli', '-a', 'secret'], 'redis-cli'],
    [['/opt/shop/bin/orders', '--redis', 'redis://x'], 'orders'],
    [['nginx: worker process'], 'nginx'],
    [['puma 6.4.0 (tcp://0.0.0.0:3000) [orders]'], 'puma'],
    [['redis-server *:6379'], 'redis-server'],
    [['node'], 'node'],
    [[''], 'comm'],
    [[], 'comm'],
  ])('%j', (args, title) => {
    expect(titleOf(...args)).toBe(title);
  });

  test.each([
    [['node', '-e', 'connect("secret")', 'argument']],
    [['node', '--eval=connect("secret")', 'argument']],
    [['node', '-pe', 'x', 'argument']],
    [['node', '-', 'argument']],
    [['python3', '-c', 'x', 'argument']],
    [['python3', '-Ic', 'x', 'argument']],
    [['ruby', '-rredis', '-e', 'x', 'argument']],
    [['perl', '-lne', 'x', 'argument']],
    [['php', '-r', 'x', 'argument']],
    [['java', '@argfile', 'argument']],
    [['node', 'redis://:secret@host/']],
    [['node', 'PASSWORD=secret']],
  ])('does not show a script: %j', (args) => {
    const [interpreter = ''] = args;
    expect(titleOf(...args)).toBe(interpreter);
  });
});

describe('a secret never appears', () => {
  const options = fc.constantFrom('-a', '--pass', '--password', '--token', '-p', '-u', '--uri', '--');

  test('in the arguments of a program', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(secrets, options)), (args) => {
        expect(titleOf('redis-cli', ...args)).toBe('redis-cli');
      }),
    );
  });

  test('in the arguments of a script', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(secrets, options)), (args) => {
        expect(titleOf('node', 'server.js', ...args)).toBe('node server.js');
        expect(titleOf('java', '-jar', 'a.jar', ...args)).toBe('java a.jar');
      }),
    );
  });

  test('in a title that the program has set itself', () => {
    fc.assert(
      fc.property(secrets, (secret) => {
        const plain = encodeURIComponent(secret);
        expect(titleOf(`redis://user:${plain}@host`)).not.toContain(MARK);
        expect(titleOf(`worker ${secret}`)).toBe('worker');
      }),
    );
  });
});

test.each([
  ['app-pass=TopSecret5', 'app-pass'],
  ['pw:TopSecret4', 'pw'],
  ['pw=a/TopSecret', 'pw'],
  ['worker,TopSecret', 'worker'],
  ['redis://user:TopSecret@host/0', 'redis'],
  ['/opt/größe/бин', 'бин'],
  ['/lib64/ld-linux-x86-64.so.2', 'ld-linux-x86-64.so.2'],
  ['g++', 'g++'],
])('a title that a program has set is cut to a name: %s', (argument, title) => {
  expect(titleOf(argument)).toBe(title);
});

test('the kernel’s name of a process is cut to a name, too', () => {
  expect(readProgram([''], 'pw:TopSecret4\n').title).toBe('pw');
  expect(readProgram(['=TopSecret'], '=TopSecret').title).toBe('?');
});

test.each([
  ['/srv/orders', '/srv/orders'],
  ['/', '/'],
  ['/home/ann/@shop/größe-1.2+x', '/home/ann/@shop/größe-1.2+x'],
  ['/srv/pw:TopSecret4', '/srv/…'],
  ['/srv/pass=TopSecret/app', '/srv/…/app'],
  ['/srv/\u001b[2J', '/srv/…'],
])('parts of a folder that may be secrets are replaced: %s', (folder, text) => {
  expect(redactFolder(folder)).toBe(text);
});

test('a name is short and contains no control characters', () => {
  expect(titleOf('/opt/x\u001b[2J')).toBe('x');
  expect(titleOf('x'.repeat(500)).length).toBe(64);
});
