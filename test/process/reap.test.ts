import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { useRaw } from '../support/use-raw.js';
import { useRedis } from '../support/use-redis.js';

const CLI = fileURLToPath(new URL('../../dist/cli.cjs', import.meta.url));

/** Enough clients for the signal to arrive long before the last one is closed. */
const CLIENTS = 1_500;

const redis = useRedis();
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
