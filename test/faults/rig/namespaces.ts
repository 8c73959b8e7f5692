import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { errorCode } from '../../support/redis/errors.js';
import type { Tools } from './tools.js';

/** The network namespaces of a rig, at first three. All traffic between client and servers passes the router. */
export interface Namespaces {
  readonly client: string;
  readonly router: string;
  readonly servers: string;
  /** Creates another empty namespace, which is removed with the others. */
  add(label: string): Promise<string>;
  remove(): Promise<void>;
}

const PREFIX = 'rh-faults-';
const OURS = new RegExp(`^${PREFIX}(\\d+)-`);

/** Removes a namespace when the pipe closes, however this process dies. See test/support/redis/guard.ts. */
const GUARD = 'read -r line; ip netns del "$1" 2>/dev/null';

/** Creates three empty namespaces with the id of this process in their names. They are removed when it ends. */
export async function createNamespaces(tools: Tools): Promise<Namespaces> {
  await sweep(tools);
  const stem = `${PREFIX}${process.pid}-${randomBytes(3).toString('hex')}`;
  const added: { readonly name: string; readonly guard: ChildProcess }[] = [];
  async function add(label: string): Promise<string> {
    const name = `${stem}-${label}`;
    added.push({ name, guard: spawnGuard(tools, name) });
    await tools.run(undefined, 'ip', 'netns', 'add', name);
    return name;
  }
  return {
    client: await add('client'),
    router: await add('router'),
    servers: await add('servers'),
    add,
    async remove() {
      for (const { name, guard } of added) {
        await tools.run(undefined, 'ip', 'netns', 'del', name);
        guard.kill('SIGKILL');
      }
    },
  };
}

function spawnGuard({ env }: Tools, name: string): ChildProcess {
  const guard = spawn('/bin/sh', ['-c', GUARD, 'faults-guard', name], {
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
