import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { environmentWith } from '../../../support/packages.js';
import { findEngine } from '../../../support/redis/docker/engine.js';
import { reason } from '../../../support/redis/errors.js';
import { spawnGuarded, type GuardedProcess } from '../../../support/redis/index.js';
import { layCable, planCable } from './cable.js';
import { guardTraces, type Traces } from './traces.js';

/** A Docker engine of this process's own. */
export interface OwnEngine extends AsyncDisposable {
  /** As in DOCKER_HOST. */
  readonly dockerHost: string;
  /** Where its published ports are. */
  readonly host: string;
}

const PROGRAMS = [
  { program: 'dockerd', packageName: 'docker.io' },
  { program: 'ip', packageName: 'iproute2' },
] as const;

const SCRIPT = fileURLToPath(new URL('dockerd.sh', import.meta.url));
const NAMESPACES = ['--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc'];
/** From the start of dockerd to its first answer: 0.8 s on two cores. */
const READY_MS = 60_000;
const KILL_MS = 5_000;

/**
 * Starts an engine in namespaces of its own: no rule, bridge or mount of this machine changes. What it needs and the
 * machine lacks is unpacked into the cache. @throws Error, and then nothing is left
 */
export async function startOwnEngine(): Promise<OwnEngine> {
  const env = await environmentWith(PROGRAMS);
  const folder = await mkdtemp(join(tmpdir(), 'redis-hygiene-engine-'));
  const groups = basename(folder);
  const traces = guardTraces(folder, groups);
  const cable = planCable();
  const daemon = await spawnGuarded(
    'unshare',
    [...NAMESPACES, '/bin/sh', SCRIPT, folder, cable.far, groups],
    { env },
  );
  const dockerHost = `unix://${folder}/docker.sock`;
  const dispose = async () => {
    await bury(daemon, traces);
    await traces.remove();
  };
  try {
    await until(daemon, () => Promise.resolve(daemon.output().includes('namespaces are made')));
    await layCable(cable, daemon.pid, env);
    await until(daemon, () => answers(dockerHost));
  } catch (error) {
    await dispose();
    throw new Error(`dockerd did not come up: ${reason(error)} ${daemon.output()}`, { cause: error });
  }
  return { dockerHost, host: cable.far, [Symbol.asyncDispose]: dispose };
}

function answers(dockerHost: string): Promise<boolean> {
  return findEngine({ DOCKER_HOST: dockerHost }).then(
    () => true,
    () => false,
  );
}

async function until(daemon: GuardedProcess, check: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + READY_MS;
  let how: string | undefined;
  void daemon.ended.then((phrase) => (how = phrase));
  while (!(await check())) {
    if (how !== undefined) throw new Error(how);
    if (Date.now() > end) throw new Error(`no answer in ${READY_MS} ms`);
    await sleep(20);
  }
}

/** Kills the first process of the namespaces, and with it all others. Nothing is asked: nothing is to be kept. */
async function bury({ pid, end }: GuardedProcess, { thaw }: Traces): Promise<void> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  for (const child of children.split(' ').filter(Boolean)) process.kill(Number(child), 'SIGKILL');
  await thaw();
  // `unshare` ends by itself when it has reaped its child.
  await end(KILL_MS);
}
