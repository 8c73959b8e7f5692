import { randomInt } from 'node:crypto';
import { run } from '../../../support/redis/command.js';

const COMMAND_MS = 10_000;

/** Addresses of a veth pair between this machine and the network namespace of an engine. */
export interface VethAddresses {
  readonly machine: string;
  readonly engine: string;
}

/** Chooses addresses from 198.18.0.0/15, which is reserved for tests (RFC 2544) and not routed. */
export function chooseAddresses(): VethAddresses {
  const [third, last] = [randomInt(256), randomInt(64) * 4];
  return { machine: `198.18.${third}.${last + 1}`, engine: `198.18.${third}.${last + 2}` };
}

/**
 * Creates the veth pair. Its end in the namespace of the process is called `uplink` and has no address yet. The kernel
 * removes the pair together with the namespace. @throws Error
 */
export async function createVethPair(
  { machine }: VethAddresses,
  pid: number,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const name = `rh-${pid}`;
  const ip = (...args: string[]) => run('ip', args, { timeoutMs: COMMAND_MS, env });
  await ip('link', 'add', name, 'type', 'veth', 'peer', 'name', 'uplink', 'netns', String(pid));
  await ip('addr', 'add', `${machine}/30`, 'dev', name);
  await ip('link', 'set', name, 'up');
}
