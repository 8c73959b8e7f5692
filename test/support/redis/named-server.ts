import { binaryOnPath, type RedisBinary } from './binary.js';
import { RemedyUnavailable } from './errors.js';
import { binaryFromTrixie, type TrixieProgram } from './package/trixie.js';
import type { Remedy } from './remedy.js';
import type { ServerName } from './server.js';

interface NamedServer {
  readonly program: TrixieProgram;
  readonly major: number;
}

const NAMED_SERVERS: Record<ServerName, NamedServer> = {
  'redis-8': { program: 'redis-server', major: 8 },
  'valkey-8': { program: 'valkey-server', major: 8 },
};

/** Two ways to the program of one version. A container is none: sentinels and cluster nodes need the program itself. */
export function namedServerRemedies(name: ServerName, onStep: (line: string) => void): Remedy<RedisBinary>[] {
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
  throw new RemedyUnavailable(`${binary.path} is ${binary.version}, not ${major}`);
}
