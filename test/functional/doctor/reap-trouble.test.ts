import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { main } from '../../../src/cli/main.js';
import { memoryIo, runCli } from '../../support/command-io.js';
import { eventually } from '../../support/eventually.js';
import { useRaw } from '../../support/use-raw.js';
import { useRedis } from '../../support/use-redis.js';

const redis = useRedis();
const raw = useRaw(redis);

const reap = (...args: string[]) => runCli(['reap', redis.server.url, ...args]);

/** The server reports idle times in whole seconds. */
const SILENT_MS = 2_100;

test('Ctrl-C during a run finishes the present batch and prints the counts', async () => {
  await raw.open(60, { connectionName: 'leaky' });
  await sleep(SILENT_MS);
  const stop = new AbortController();
  const written: string[] = [];
  const stdout = new Writable({
    write(piece, _, done) {
      written.push(String(piece));
      stop.abort(); // at the first line of the first batch
      done();
    },
  });
  const { io, stderr } = memoryIo({ signal: stop.signal });
  const argv = ['reap', redis.server.url, '--where', 'name=leaky', '--yes', '--settle', '0s'];
  const code = await main(argv, { ...io, stdout });
  expect(written.join('').match(/ closed {2}/g)).toHaveLength(20);
  expect(written.join('')).toMatch(/20 of \d+ clients closed, 40 not tried/);
  expect(stderr()).toContain('Interrupted: 20 closed, 40 not.');
  expect(code).toBe(2);
  await eventually(async () => expect(await redis.names()).toHaveLength(40));
});

const user = (rights: string) =>
  redis.admin.call('ACL', 'SETUSER', 'operator', 'reset', 'on', '>pw', ...rights.split(' '));

test.each([
  ['client|kill', '+@all -client|kill'],
  ['client|list', '+@all -client|list'],
])(
  'without the right to %s the command that grants it is printed, and nothing is closed',
  async (right, rights) => {
    await user(rights);
    await raw.open(2, { connectionName: 'leaky' });
    await sleep(SILENT_MS);
    const url = redis.server.url.replace('//', '//operator:pw@');
    const { code, stderr } = await runCli(['reap', url, '--where', 'name=leaky', '--yes', '--settle', '0s']);
    expect(stderr).toContain(`ACL SETUSER operator +${right}`);
    expect(stderr).toContain('Rights that reap needs: ');
    expect(stderr).not.toContain('pw@');
    expect(code).toBe(2);
    await eventually(async () => expect(await redis.names()).toEqual(['leaky', 'leaky']));
  },
);

test('the rights that reap asks for are enough', async () => {
  await user('+client|list +client|kill +client|id +client|setname +info +cluster|nodes +ping');
  await raw.open(1, { connectionName: 'leaky' });
  await sleep(SILENT_MS);
  const url = redis.server.url.replace('//', '//operator:pw@');
  const { code, stderr } = await runCli(['reap', url, '--where', 'name=leaky', '--yes', '--settle', '0s']);
  expect([code, stderr]).toEqual([0, '']);
  await eventually(async () => expect(await redis.names()).toEqual([]));
});

test.each([
  [['--where', ''], /filter/],
  [['--where', 'colour=red'], /no field "colour"/],
  [['--max', '0'], /whole number from 1/],
  [['--heartbeat', 'soon'], /Expected a duration/],
  [['--force'], /unknown option/],
])('%j is rejected before any server is connected', async (args, message) => {
  const { code, stdout, stderr } = await reap(...args);
  expect(stderr).toMatch(message);
  expect([code, stdout]).toEqual([2, '']);
});

test('an unreachable server does not prevent the others from being reaped', async () => {
  await raw.open(1, { connectionName: 'leaky' });
  await sleep(SILENT_MS);
  const { code, stdout, stderr } = await reap(
    '127.0.0.1:1',
    '--where',
    'name=leaky',
    '--yes',
    '--settle',
    '0s',
  );
  expect(stderr).toContain('127.0.0.1:1 cannot be reached');
  expect(stdout).toContain('1 of');
  expect(code).toBe(2);
});
