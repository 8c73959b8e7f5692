import { spawn } from 'node:child_process';

/** A shell that waits for the end of this process. */
export interface DeathGuard {
  /** Ends the shell. Its script does not run any more. */
  release(): void;
}

/**
 * Runs a script of the shell when this process ends, also by SIGKILL: the kernel then closes a pipe from which the shell
 * reads. See test/support/redis/guard.ts.
 *
 * @param args Arguments of the script: `$1`, `$2` and so on.
 */
export function runAfterDeath(
  script: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): DeathGuard {
  const shell = spawn('/bin/sh', ['-c', `read -r line; ${script}`, 'death-guard', ...args], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env,
  });
  shell.unref();
  return { release: () => void shell.kill('SIGKILL') };
}
