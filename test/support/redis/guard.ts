import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tail } from './tail.js';

/** A program that does not outlive the Node process that started it. */
export interface GuardedProcess {
  readonly pid: number;
  /** Resolves when the program is gone, with a phrase that says how. */
  readonly ended: Promise<string>;
  /** The last lines that the program wrote. */
  output(): string;
  /** @throws Error when the program is gone */
  signal(name: NodeJS.Signals): void;
  /** SIGTERM, then SIGKILL after `graceMs` (0: SIGKILL at once); removes `ownDir`. */
  end(graceMs: number): Promise<void>;
}

export interface GuardOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** A directory that goes with the program. */
  readonly ownDir?: string;
}

/**
 * The shell waits on a pipe whose other end only this process holds. The kernel closes that end however
 * this process dies, SIGKILL included; then the program goes, stopped by SIGSTOP or not, and its directory.
 */
const GUARD = 'read -r line; kill -KILL "$1" 2>/dev/null; [ -z "$2" ] || rm -rf -- "$2"';

const live = new Set<() => void>();

/** Starts a program in a session of its own, so that Ctrl-C reaches only the caller, who then stops it. */
export async function spawnGuarded(
  command: string,
  args: readonly string[],
  { env = process.env, cwd, ownDir }: GuardOptions = {},
): Promise<GuardedProcess> {
  const child = spawn(command, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'], env, cwd });
  const guard = child.pid === undefined ? undefined : spawnGuard(child.pid, ownDir);
  const lines = tail();
  child.stdout.on('data', lines.add);
  child.stderr.on('data', lines.add);
  const ended = new Promise<string>((resolve) => {
    child.once('close', (code, signal) => resolve(signal ? `killed by ${signal}` : `exit code ${code}`));
  });
  await once(child, 'spawn');
  const release = killAtExit(child, ownDir);
  void ended.then(() => {
    release();
    // First of all the guard: the pid that it would kill may soon be another program's.
    guard?.kill('SIGKILL');
  });
  // A server that nobody stopped must not keep a finished program from exiting.
  hold('unref', child, guard);

  return {
    pid: child.pid ?? 0,
    ended,
    output: lines.text,
    signal(name) {
      if (!child.kill(name))
        throw new Error(`${command} (pid ${child.pid}) is gone, ${name} cannot reach it`);
    },
    async end(graceMs) {
      hold('ref', child);
      if (graceMs > 0) child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await ended;
      clearTimeout(timer);
      remove(ownDir);
    },
  };
}

function spawnGuard(pid: number, ownDir = ''): ChildProcess {
  return spawn('/bin/sh', ['-c', GUARD, 'redis-guard', String(pid), ownDir], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
}

/** A listener for all programs: Node warns from the eleventh on. */
function killAtExit(child: ChildProcess, ownDir: string | undefined): () => void {
  const kill = () => {
    child.kill('SIGKILL');
    remove(ownDir);
  };
  if (live.size === 0) process.on('exit', killAll);
  live.add(kill);
  return () => {
    live.delete(kill);
    if (live.size === 0) process.off('exit', killAll);
  };
}

function killAll(): void {
  for (const kill of live) kill();
}

function remove(dir: string | undefined): void {
  if (dir !== undefined) rmSync(dir, { recursive: true, force: true });
}

/** Whether the program keeps the event loop running; its pipes count as much as the process. */
function hold(how: 'ref' | 'unref', child: ChildProcess, guard?: ChildProcess): void {
  child[how]();
  guard?.[how]();
  for (const stream of [child.stdout, child.stderr, guard?.stdin]) {
    if (stream instanceof Socket) stream[how]();
  }
}
