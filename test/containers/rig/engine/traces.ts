import { spawn } from 'node:child_process';
import { run } from '../../../support/redis/command.js';

const SHELL_MS = 30_000;

/** What an engine leaves outside of its namespaces: a folder, and control groups, which only `rmdir` takes away. */
export interface Traces {
  /** Lets paused containers go on, which else do not die (a freezer of version 1 holds the killed, too). */
  thaw(): Promise<void>;
  /** Removes them; the engine must be dead. @throws Error */
  remove(): Promise<void>;
}

const THAW = `
  for state in $(find /sys/fs/cgroup -path "*/$2/*" -name freezer.state 2>/dev/null); do
    echo THAWED > "$state"
  done`;

/** The groups of a killed engine are busy until the kernel has buried its processes. */
const REMOVE = `
  for try in 1 2 3 4 5 6 7 8 9 10; do
    ${THAW}
    groups=$(find /sys/fs/cgroup -depth -type d -path "*/$2*" 2>/dev/null)
    [ -z "$groups" ] || rmdir $groups 2>/dev/null || { sleep 0.2; continue; }
    rm -rf -- "$1" && exit 0
    sleep 0.2
  done
  exit 1`;

/** As in test/support/redis/guard.ts: the pipe closes however this process dies, and then the traces go. */
const GUARD = `read -r line; ${REMOVE}`;

/** Sees to it that the traces do not outlive this process for long. */
export function guardTraces(folder: string, groups: string): Traces {
  const guard = spawn('/bin/sh', ['-c', GUARD, 'containers-guard', folder, groups], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guard.unref();
  const shell = async (script: string) => {
    await run('/bin/sh', ['-c', script, 'containers-traces', folder, groups], { timeoutMs: SHELL_MS });
  };
  return {
    thaw: () => shell(THAW),
    async remove() {
      await shell(REMOVE);
      guard.kill('SIGKILL');
    },
  };
}
