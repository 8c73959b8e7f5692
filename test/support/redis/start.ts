import { binaryOnPath, type RedisBinary } from './binary.js';
import { binaryFromPackage } from './package/debian.js';
import { namedServerSources } from './named-server.js';
import { startContainer } from './docker/container.js';
import { useEnvironmentServer } from './environment.js';
import { startProcess } from './process.js';
import { firstThatWorks, type ServerSource } from './server-source.js';
import type { RedisServer, StartOptions } from './server.js';

const ADVICE = {
  environment: 'Set REDIS_HYGIENE_REDIS_URL to the redis:// URL of a server',
  docker: 'Start a Docker engine that has the image redis:8 or can pull it (REDIS_IMAGE names another)',
  path: 'Put redis-server on the PATH',
  package: 'On Debian or Ubuntu, let apt-get reach a package mirror (no root needed)',
} as const;

/** Starts a Redis server from the first available source. @throws RedisUnavailableError */
export function startRedis(options: StartOptions = {}): Promise<RedisServer> {
  const onStep = stepListener(options);
  const run = (binary: RedisBinary) => startProcess(binary, options);
  if (options.server !== undefined) return findRedisBinary(options).then(run);
  const named = { advice: ADVICE.environment, attempt: () => useEnvironmentServer(options) };
  const container = { advice: ADVICE.docker, attempt: () => startContainer(options) };
  const processes = [
    { advice: ADVICE.path, attempt: async () => run(await binaryOnPath()) },
    { advice: ADVICE.package, attempt: async () => run(await binaryFromPackage(onStep)) },
  ];
  const own = options.prefer === 'process' ? [...processes, container] : [container, ...processes];
  return firstThatWorks([named, ...own], onStep);
}

/** Finds the `redis-server` program, for sentinels and cluster nodes. @throws RedisUnavailableError */
export function findRedisBinary(options: Pick<StartOptions, 'onStep' | 'server'> = {}): Promise<RedisBinary> {
  const onStep = stepListener(options);
  if (options.server !== undefined) return firstThatWorks(namedServerSources(options.server, onStep), onStep);
  const sources: ServerSource<RedisBinary>[] = [
    { advice: ADVICE.path, attempt: () => binaryOnPath() },
    { advice: ADVICE.package, attempt: () => binaryFromPackage(onStep) },
  ];
  return firstThatWorks(sources, onStep);
}

function stepListener(options: Pick<StartOptions, 'onStep'>): (line: string) => void {
  return (line) => options.onStep?.(line);
}
