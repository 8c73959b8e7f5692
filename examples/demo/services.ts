import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A small service in a child process. */
export interface Service {
  readonly name: string;
  readonly process: ChildProcess;
}

export function startService(name: string, file: string, env: NodeJS.ProcessEnv): Service {
  const path = fileURLToPath(new URL(file, import.meta.url));
  return {
    name,
    process: fork(path, {
      env: { ...process.env, ...env },
      execArgv: [],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    }),
  };
}

/** Kills a service and waits until its process has ended. */
export async function killService({ process: child }: Service): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}
