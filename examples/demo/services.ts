import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A small service in a child process. */
export interface Service {
  readonly name: string;
  readonly pid: number;
  readonly process: ChildProcess;
}

/** Starts `<name>.mjs` in this folder. */
export async function startService(name: string, env: NodeJS.ProcessEnv): Promise<Service> {
  const child = fork(`${name}.mjs`, {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    env: { ...process.env, ...env },
    execArgv: [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  await once(child, 'spawn');
  return { name, pid: child.pid ?? 0, process: child };
}

/** Kills a service and waits until its process has ended. */
export async function killService({ process: child }: Service): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}
