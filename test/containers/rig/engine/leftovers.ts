import { spawn } from 'node:child_process';
import { run } from '../../../support/redis/command.js';

const SHELL_MS = 30_000;

/** Resources of an engine outside of its namespaces: a folder, and control groups, which only `rmdir` removes. */
export interface EngineLeftovers {
  /** Resumes paused containers. A cgroup v1 freezer keeps even killed processes until it is thawed. */
  thaw(): Promise<void>;
  /** Removes the folder and the control groups. The engine must have ended. @throws Error */
  remove(): Promise<void>;
}

const THAW = `
  for state in $(find /sys/fs/cgroup -path "*/$2/*" -name freezer.state 2>/dev/null); do
    echo THAWED > "$state"
  done`;

/** The control groups of a killed engine are busy until the kernel has removed its processes, hence the retries. */
const REMOVE = `
  for try in 1 2 3 4 5 6 7 8 9 10; do
    ${THAW}
    groups=$(find /sys/fs/cgroup -depth -type d -path "*/$2*" 2>/dev/null)
    [ -z "$groups" ] || rmdir $groups 2>/dev/null || { sleep 0.2; continue; }
    rm -rf -- "$1" && exit 0
    sleep 0.2
  done
  exit 1`;

/** Removes the leftovers when the pipe closes, however this process dies. See test/support/redis/guard.ts. */
const GUARD = `read -r line; ${REMOVE}`;

/** Starts a guard that removes the leftovers when this process ends. */
export function guardLeftovers(folder: string, groups: string): EngineLeftovers {
  const guard = spawn('/bin/sh', ['-c', GUARD, 'containers-guard', folder, groups], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guard.unref();
  const shell = async (script: string) => {
    await run('/bin/sh', ['-c', script, 'containers-leftovers', folder, groups], { timeoutMs: SHELL_MS });
  };
  return {
    thaw: () => shell(THAW),
    async remove() {
      await shell(REMOVE);
      guard.kill('SIGKILL');
    },
  };
}
