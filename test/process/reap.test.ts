import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { useRaw } from '../support/use-raw.js';
import { useRedis } from '../support/use-redis.js';

const CLI = fileURLToPath(new URL('../../dist/cli/bin.js', import.meta.url));

/** So many that the signal comes long before the last of them. */
const CLIENTS = 1_500;

const redis = useRedis();
const raw = useRaw(redis);

test('Ctrl-C while connections are closed: nothing half done, and the count is that of the server', async () => {
  await raw.open(CLIENTS, { connectionName: 'leaky' });
  await sleep(2_100);
  const args = [CLI, 'reap', redis.server.url, '--where', 'name=leaky', '--max', '5000', '--yes'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr]: string[][] = [[], []];
  child.stdout.once('data', () => child.kill('SIGINT'));
  child.stdout.on('data', (piece) => stdout?.push(String(piece)));
  child.stderr.on('data', (piece) => stderr?.push(String(piece)));
  const [code] = (await once(child, 'close')) as [number | null];

  expect(code).toBe(2);
  const [, closed, left] = /Interrupted: (\d+) closed, (\d+) not\./.exec(stderr?.join('') ?? '') ?? [];
  expect(stdout?.join('').match(/ closed {2}/g)).toHaveLength(Number(closed));
  expect(Number(left)).toBeGreaterThan(0);
  expect(Number(closed) + Number(left)).toBe(CLIENTS);
  expect((await redis.names()).filter((name) => name === 'leaky')).toHaveLength(Number(left));
});
