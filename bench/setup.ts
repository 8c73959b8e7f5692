import process from 'node:process';
import { startRedis, type RedisServer } from '../test/support/redis/index.js';
import { buildLibrary } from './build.js';
import { ioredisVersion } from './contestants.js';

/** The server and the compiled library that a benchmark uses. */
export interface BenchmarkSetup {
  readonly server: RedisServer;
  /** URL of the compiled library. */
  readonly entry: string;
  readonly versions: Readonly<Record<'node' | 'ioredis' | 'redis', string>>;
}

/** `node v20.0.0, ioredis 6.0.0, redis 8.0.0` */
export function formatVersions({ versions }: BenchmarkSetup): string {
  return Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ');
}

/** Compiles the library, starts a server and calls `run`. Removes both afterwards. */
export async function withSetup<Result>(run: (setup: BenchmarkSetup) => Promise<Result>): Promise<Result> {
  const build = await buildLibrary();
  try {
    const server = await startRedis();
    try {
      const versions = { node: process.version, ioredis: ioredisVersion, redis: server.version };
      return await run({ server, entry: build.entry, versions });
    } finally {
      await server.stop();
    }
  } finally {
    await build.remove();
  }
}
