import { randomBytes } from 'node:crypto';
import { access, mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { runAfterDeath } from '../../support/death-guard.js';
import { eventually } from '../../support/eventually.js';
import { reason } from '../../support/redis/errors.js';

/** A process that the kernel does not run, and whose sockets live on. */
export interface FrozenProcess extends AsyncDisposable {
  /** Lets the process run again. May be called more than once. */
  thaw(): Promise<void>;
}

/** Freezes processes by a control group, as `docker pause` does. */
export interface Freezer {
  freeze(pid: number): Promise<FrozenProcess>;
}

/** Files of one version of control groups, and what they contain. */
interface FreezerVersion {
  /** Folders in which this version may be mounted. */
  readonly roots: readonly string[];
  /** File by which a group is frozen. It exists in every group but the root. */
  readonly control: string;
  readonly freeze: string;
  readonly thaw: string;
  /** File and text that show that all processes are frozen. */
  readonly state: { readonly file: string; readonly frozen: RegExp };
}

const VERSIONS: readonly FreezerVersion[] = [
  {
    roots: ['/sys/fs/cgroup/freezer'],
    control: 'freezer.state',
    freeze: 'FROZEN',
    thaw: 'THAWED',
    state: { file: 'freezer.state', frozen: /^FROZEN$/m },
  },
  {
    roots: ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'],
    control: 'cgroup.freeze',
    freeze: '1',
    thaw: '0',
    state: { file: 'cgroup.events', frozen: /^frozen 1$/m },
  },
];

/** Thaws the group, kills the process, and removes the group. */
const CLEANUP = 'echo "$2" > "$3/$4"; kill -KILL "$1"; sleep 1; rmdir "$3"';

/** Finds a freezer that works, or the reason why there is none. */
export async function findFreezer(): Promise<Freezer | { readonly missing: string }> {
  const reasons: string[] = [];
  for (const version of VERSIONS) {
    for (const root of version.roots) {
      try {
        const trial = await createGroup(root, version);
        await rmdir(trial);
        return { freeze: (pid) => freeze(root, version, pid) };
      } catch (error) {
        reasons.push(reason(error));
      }
    }
  }
  return { missing: `no control group can be frozen: ${reasons.join('; ')}` };
}

/** Creates a group. @throws Error if groups of this version cannot be created here, or have no freezer */
async function createGroup(root: string, { control }: FreezerVersion): Promise<string> {
  await access(join(root, 'cgroup.procs'));
  const group = join(root, `rh-faults-${process.pid}-${randomBytes(3).toString('hex')}`);
  await mkdir(group);
  try {
    await access(join(group, control));
  } catch (error) {
    await rmdir(group);
    throw error;
  }
  return group;
}

async function freeze(root: string, version: FreezerVersion, pid: number): Promise<FrozenProcess> {
  const group = await createGroup(root, version);
  const { control, state } = version;
  const guard = runAfterDeath(CLEANUP, [String(pid), version.thaw, group, control]);
  const thaw = () => writeFile(join(group, control), version.thaw);
  await writeFile(join(group, 'cgroup.procs'), String(pid));
  await writeFile(join(group, control), version.freeze);
  await eventually(async () => expect(await readFile(join(group, state.file), 'utf8')).toMatch(state.frozen));
  return {
    thaw,
    async [Symbol.asyncDispose]() {
      await thaw();
      // The process goes back to the root group, because a group with processes cannot be removed.
      await writeFile(join(root, 'cgroup.procs'), String(pid)).catch(() => undefined);
      await eventually(() => rmdir(group));
      guard.release();
    },
  };
}
