import { randomBytes } from 'node:crypto';
import { runAfterDeath, type DeathGuard } from '../../support/death-guard.js';
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

/** Creates three empty namespaces with the id of this process in their names. They are removed when it ends. */
export async function createNamespaces(tools: Tools): Promise<Namespaces> {
  await sweep(tools);
  const stem = `${PREFIX}${process.pid}-${randomBytes(3).toString('hex')}`;
  const added: { readonly name: string; readonly guard: DeathGuard }[] = [];
  async function add(label: string): Promise<string> {
    const name = `${stem}-${label}`;
    added.push({ name, guard: runAfterDeath('ip netns del "$1"', [name], tools.env) });
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
        guard.release();
      }
    },
  };
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
