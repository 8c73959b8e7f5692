import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { useRaw } from '../support/use-raw.js';
import { useUnixRedis } from '../support/use-unix-redis.js';

const CLI = fileURLToPath(new URL('../../dist/cli.cjs', import.meta.url));

/** Enough clients for the signal to arrive long before the last one is closed. */
const CLIENTS = 1_500;

const redis = useUnixRedis();
const raw = useRaw(redis);

test('Ctrl-C during reap --yes finishes the current batch, and prints counts that match the server', async () => {
  await raw.open(CLIENTS, { connectionName: 'leaky' });
  await sleep(2_100);
  const args = [CLI, 'reap', redis.server.url, '--where', 'name=leaky', '--max', '5000', '--yes'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr]: string[][] = [[], []];
  child.stdout.once('data', () => child.kill('SIGINT'));
  child.stdout.on('data', (chunk) => stdout?.push(String(chunk)));
  child.stderr.on('data', (chunk) => stderr?.push(String(chunk)));
  const [code] = (await once(child, 'close')) as [number | null];

  expect(code).toBe(2);
  const [, closed, remaining] = /Interrupted: (\d+) closed, (\d+) not\./.exec(stderr?.join('') ?? '') ?? [];
  expect(stdout?.join('').match(/ closed {2}/g)).toHaveLength(Number(closed));
  expect(Number(remaining)).toBeGreaterThan(0);
  expect(Number(closed) + Number(remaining)).toBe(CLIENTS);
  expect((await redis.names()).filter((name) => name === 'leaky')).toHaveLength(Number(remaining));
});

test('Ctrl-C during the wait for the second look ends at once, and nothing is closed', async () => {
  const [client] = await raw.open(1, { path: redis.path, connectionName: 'orders@web-1#pool' });
  const [, runId] = /run_id:(\S+)/.exec(await redis.admin.info('server')) ?? [];
  const record = {
    ...{ runId, clientId: await client?.client('ID') },
    ...{ name: 'orders@web-1#pool', address: `${redis.path}:0` },
  };
  // The second look follows after 20 s, and would close the connection.
  const child = spawn(process.execPath, [CLI, 'reap', redis.server.url, '--orphans', '-', '--yes']);
  const written: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => written.push(String(chunk)));
  child.stdin.end(JSON.stringify(record));
  await eventually(async () => expect(await isWaiting()).toBe(true), 15_000);
  child.kill('SIGINT');
  const [code] = (await once(child, 'close')) as [number | null];

  expect(written.join('')).toContain('Interrupted: 0 closed, 1 not.');
  expect(code).toBe(2);
  expect(await client?.ping()).toBe('PONG');
});

/** Whether the command has read the list of clients, and has sent nothing since for two seconds. */
async function isWaiting(): Promise<boolean> {
  const list = String(await redis.admin.client('LIST'));
  const own = list.split('\n').find((row) => row.includes('#doctor '));
  const [, idle] = / idle=(\d+) .* cmd=client(?:\|list)? /.exec(own ?? '') ?? [];
  return Number(idle) >= 2;
}
