import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { errorCode } from '../../support/redis/errors.js';
import type { Tools } from './tools.js';

/** The three network namespaces of a rig. All traffic between client and servers passes the router. */
export interface Namespaces {
  readonly client: string;
  readonly router: string;
  readonly servers: string;
  remove(): Promise<void>;
}

const PREFIX = 'rh-faults-';
const OURS = new RegExp(`^${PREFIX}(\\d+)-`);

/** Removes the namespaces when the pipe closes, however this process dies. See test/support/redis/guard.ts. */
const GUARD = 'read -r line; for name in "$@"; do ip netns del "$name" 2>/dev/null; done';

/** Creates three empty namespaces with the id of this process in their names. They are removed when it ends. */
export async function createNamespaces(tools: Tools): Promise<Namespaces> {
  await sweep(tools);
  const stem = `${PREFIX}${process.pid}-${randomBytes(3).toString('hex')}`;
  const [client, router, servers] = [`${stem}-client`, `${stem}-router`, `${stem}-servers`] as const;
  const all = [client, router, servers];
  const guard = spawnGuard(tools, all);
  for (const name of all) await tools.run(undefined, 'ip', 'netns', 'add', name);
  return {
    client,
    router,
    servers,
    async remove() {
      for (const name of all) await tools.run(undefined, 'ip', 'netns', 'del', name);
      guard.kill('SIGKILL');
    },
  };
}

function spawnGuard({ env }: Tools, names: readonly string[]) {
  const guard = spawn('/bin/sh', ['-c', GUARD, 'faults-guard', ...names], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env,
  });
  guard.unref();
  return guard;
}

/** Removes the namespaces of processes that died together with their guards. */
async function sweep(tools: Tools): Promise<void> {
  const list = await tools.run(undefined, 'ip', 'netns', 'list');
  for (const line of list.split('\n')) {
    const pid = Number(OURS.exec(line)?.[1]);
    if (!pid || isAlive(pid)) continue;
    // Another run may delete the same namespace at the same moment.
    await tools.run(undefined, 'ip', 'netns', 'del', line.split(' ')[0] ?? '').catch(() => undefined);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) !== 'ESRCH';
  }
}
