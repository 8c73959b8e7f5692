import { binaryOnPath, type RedisBinary } from './binary.js';
import { SourceUnavailable } from './errors.js';
import { binaryFromTrixie, type TrixieProgram } from './package/trixie.js';
import type { ServerSource } from './server-source.js';
import type { ServerName } from './server.js';

interface NamedServer {
  readonly program: TrixieProgram;
  readonly major: number;
}

const NAMED_SERVERS: Record<ServerName, NamedServer> = {
  'redis-8': { program: 'redis-server', major: 8 },
  'valkey-8': { program: 'valkey-server', major: 8 },
};

/** Sources of a program of one version. A container is no source, because sentinels and cluster nodes need the program. */
export function namedServerSources(
  name: ServerName,
  onStep: (line: string) => void,
): ServerSource<RedisBinary>[] {
  const { program, major } = NAMED_SERVERS[name];
  return [
    { advice: `Put ${program} ${major} on the PATH`, attempt: () => onPath(NAMED_SERVERS[name]) },
    {
      advice: 'On Debian, let apt-get reach a package mirror that has Debian 13 (no root needed)',
      attempt: () => binaryFromTrixie(program, onStep),
    },
  ];
}

async function onPath({ program, major }: NamedServer): Promise<RedisBinary> {
  const binary = await binaryOnPath(program);
  if (binary.version.startsWith(`${major}.`)) return binary;
  throw new SourceUnavailable(`${binary.path} has version ${binary.version}, expected ${major}`);
}
