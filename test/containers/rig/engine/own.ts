import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { environmentWith } from '../../../support/packages.js';
import { findEngine } from '../../../support/redis/docker/engine.js';
import { reason } from '../../../support/redis/errors.js';
import { spawnGuarded, type GuardedProcess } from '../../../support/redis/index.js';
import { guardLeftovers, type EngineLeftovers } from './leftovers.js';
import { chooseAddresses, createVethPair } from './veth-pair.js';

/** A Docker engine that this process has started. */
export interface OwnEngine extends AsyncDisposable {
  /** Address of the engine, in the format of DOCKER_HOST. */
  readonly dockerHost: string;
  /** Host on which published ports of its containers listen. */
  readonly host: string;
}

const PROGRAMS = [
  { program: 'dockerd', packageName: 'docker.io' },
  { program: 'ip', packageName: 'iproute2' },
] as const;

const SCRIPT = fileURLToPath(new URL('dockerd.sh', import.meta.url));
const NAMESPACES = ['--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc'];
/** Time limit for the first answer of dockerd, which takes 0.8 s on two cores. */
const READY_MS = 60_000;
const KILL_MS = 5_000;

/**
 * Starts an engine in new namespaces, so that no firewall rule, bridge or mount of this machine changes. Missing programs
 * are unpacked into the cache. @throws Error after everything has been removed
 */
export async function startOwnEngine(): Promise<OwnEngine> {
  const env = await environmentWith(PROGRAMS);
  const folder = await mkdtemp(join(tmpdir(), 'redis-hygiene-engine-'));
  const groups = basename(folder);
  const leftovers = guardLeftovers(folder, groups);
  const addresses = chooseAddresses();
  const daemon = await spawnGuarded(
    'unshare',
    [...NAMESPACES, '/bin/sh', SCRIPT, folder, addresses.engine, groups],
    { env },
  );
  const dockerHost = `unix://${folder}/docker.sock`;
  const dispose = async () => {
    await kill(daemon, leftovers);
    await leftovers.remove();
  };
  try {
    await waitUntil(daemon, () => Promise.resolve(daemon.output().includes('namespaces are ready')));
    await createVethPair(addresses, daemon.pid, env);
    await waitUntil(daemon, () => answers(dockerHost));
  } catch (error) {
    await dispose();
    throw new Error(`dockerd did not come up: ${reason(error)} ${daemon.output()}`, { cause: error });
  }
  return { dockerHost, host: addresses.engine, [Symbol.asyncDispose]: dispose };
}

function answers(dockerHost: string): Promise<boolean> {
  return findEngine({ DOCKER_HOST: dockerHost }).then(
    () => true,
    () => false,
  );
}

async function waitUntil(daemon: GuardedProcess, check: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + READY_MS;
  let how: string | undefined;
  void daemon.ended.then((exitText) => (how = exitText));
  while (!(await check())) {
    if (how !== undefined) throw new Error(how);
    if (Date.now() > end) throw new Error(`no answer in ${READY_MS} ms`);
    await sleep(20);
  }
}

/** Kills the first process of the namespaces. The kernel then kills all other processes in them. */
async function kill({ pid, end }: GuardedProcess, { thaw }: EngineLeftovers): Promise<void> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  for (const child of children.split(' ').filter(Boolean)) process.kill(Number(child), 'SIGKILL');
  await thaw();
  // `unshare` ends by itself after its child.
  await end(KILL_MS);
}
