import process from 'node:process';
import { startRedis, type RedisServer } from '../test/support/redis/index.js';
import { buildLibrary } from './build.js';
import { ioredisVersion } from './contestants.js';

/** What a benchmark runs on. */
export interface Stage {
  readonly server: RedisServer;
  /** URL of the compiled library. */
  readonly entry: string;
  readonly versions: Readonly<Record<'node' | 'ioredis' | 'redis', string>>;
}

/** `node v20.0.0, ioredis 6.0.0, redis 8.0.0` */
export function programs({ versions }: Stage): string {
  return Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ');
}

/** Gives a compiled library and a server of its own to `play`, and takes both away afterwards. */
export async function onStage<Result>(play: (stage: Stage) => Promise<Result>): Promise<Result> {
  const build = await buildLibrary();
  try {
    const server = await startRedis();
    try {
      const versions = { node: process.version, ioredis: ioredisVersion, redis: server.version };
      return await play({ server, entry: build.entry, versions });
    } finally {
      await server.stop();
    }
  } finally {
    await build.remove();
  }
}
