import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createConsole } from '../../../src/cli/console.js';
import { memoryIo, runCli } from '../../support/command-io.js';

const ROW = 'id=1 addr=10.0.0.1:4711 name=a age=1 idle=1 flags=N\n';
const folder = mkdtempSync(join(tmpdir(), 'redis-hygiene-console-'));
const dump = join(folder, 'dump');
writeFileSync(dump, ROW);
afterAll(() => rmSync(folder, { recursive: true }));

test('a repeated warning is printed once', () => {
  const { io, stderr } = memoryIo({});
  const console = createConsole(io);
  ['no CONFIG', 'no INFO', 'no CONFIG'].forEach(console.warn);
  expect(stderr()).toBe('warning no CONFIG\nwarning no INFO\n');
});

test('the error for a file that is not a CLIENT LIST gives the remedy once', async () => {
  const { code, stderr } = await runCli(['clients', '--file', '-'], { stdin: 'hello\n' });
  expect(code).toBe(2);
  expect(stderr.split('redis-cli CLIENT LIST')).toHaveLength(2);
  expect(stderr).not.toMatch(/\.\.|\. \./);
});

test('standard input is read once, even when it is named several times', async () => {
  const { code, stdout, stderr } = await runCli(['clients', '-', '-', '--file', '-', '--json'], {
    stdin: ROW,
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(stdout)).toMatchObject({ clients: 1 });
});

test('a file in the place of a server gets a hint at --file', async () => {
  const { code, stderr } = await runCli(['clients', dump, '--timeout', '2s']);
  expect(code).toBe(2);
  expect(stderr).toContain(`${dump} is a file. To read it, write --file ${dump}.`);
});

test.each([
  ['unix://:s3cret@/none/redis.sock', 'cannot be reached'],
  ['unix://user:s3cret@/none/redis.sock', 'cannot be reached'],
  ['unix://:s3%ret@/none/redis.sock', 'is not the address of a server'],
])('an error about %s does not show the password', async (url, message) => {
  const { code, stderr } = await runCli(['clients', url]);
  expect(code).toBe(2);
  expect(stderr).toContain(message);
  expect(stderr).not.toMatch(/s3|ret@/);
});

test.each([
  ['doctor', '--timeout', '99999999999d'],
  ['doctor', '--timeout', '0'],
  ['doctor', '--wait', '25d'],
  ['doctor', '--sample', '0'],
  ['reap', '--heartbeat', '1ms'],
  ['doctor', '--firewall-idle', '0'],
])('%s %s %s is refused', async (command, option, value) => {
  const { code, stderr } = await runCli([command, option, value]);
  expect(code).toBe(2);
  expect(stderr).toMatch(new RegExp(`${option} .*Expected`));
});
