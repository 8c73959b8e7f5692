import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { StartOptions } from './redis/index.js';
import { type TestRedis, useRedis } from './use-redis.js';

/** A server that listens on a unix socket too. */
export interface UnixRedis extends TestRedis {
  /** Path of the socket. */
  readonly path: string;
}

/**
 * Starts a server as `useRedis` does. The clients on its unix socket stand for those of other machines: no table of the
 * kernel has them, so nothing tells from here whether they are alive.
 */
export function useUnixRedis(options: Pick<StartOptions, 'server'> = {}): UnixRedis {
  const folder = mkdtempSync(join(tmpdir(), 'redis-hygiene-'));
  const path = join(folder, 'redis.sock');
  const redis = useRedis({ ...options, prefer: 'process', args: ['--unixsocket', path] });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return Object.assign(redis, { path });
}
