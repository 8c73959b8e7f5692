import { spawn } from 'node:child_process';
import { run } from '../../../support/redis/command.js';

/** What an engine leaves outside of its namespaces: a folder, and control groups, which only `rmdir` takes away. */
export interface Traces {
  readonly folder: string;
  /** Removes them; the engine must be dead. @throws Error */
  remove(): Promise<void>;
}

/** The groups of a killed engine are busy until the kernel has buried its processes. */
const REMOVE = `
  for try in 1 2 3 4 5 6 7 8 9 10; do
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
  return {
    folder,
    async remove() {
      await run('/bin/sh', ['-c', REMOVE, 'containers-remove', folder, groups], { timeoutMs: 30_000 });
      guard.kill('SIGKILL');
    },
  };
}
