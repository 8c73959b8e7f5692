import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tail } from './tail.js';

/** A program that ends together with the Node process that started it. */
export interface GuardedProcess {
  readonly pid: number;
  /** Resolves when the program has ended, with its exit code or signal as text. */
  readonly ended: Promise<string>;
  /** Last lines of the program's output. */
  output(): string;
  /** Sends a signal. @throws Error if the program has ended */
  signal(name: NodeJS.Signals): void;
  /** Sends SIGTERM, and SIGKILL after `graceMs` (0: SIGKILL at once). Then removes `ownDir`. */
  end(graceMs: number): Promise<void>;
}

export interface GuardOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** A directory that is removed when the program ends. */
  readonly ownDir?: string;
}

/**
 * Script of the guard. The shell reads from a pipe whose other end only this process has. The kernel closes that end when
 * this process ends, also by SIGKILL. The shell then kills the program, also if it is paused, and removes its directory.
 */
const GUARD = 'read -r line; kill -KILL "$1" 2>/dev/null; [ -z "$2" ] || rm -rf -- "$2"';

const live = new Set<() => void>();

/** Starts a program in a new session, so that Ctrl-C reaches only this process, which then stops the program. */
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
    // The guard is ended at once, because the pid that it would kill may soon belong to another program.
    guard?.kill('SIGKILL');
  });
  // A server that was not stopped must not keep this process alive.
  setRef('unref', child, guard);

  return {
    pid: child.pid ?? 0,
    ended,
    output: lines.text,
    signal(name) {
      if (!child.kill(name)) throw new Error(`${command} (pid ${child.pid}) has ended, ${name} was not sent`);
    },
    async end(graceMs) {
      setRef('ref', child);
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

/** Kills the program when this process exits. All programs share one listener, because Node warns at the eleventh. */
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

/** Sets whether the program keeps the event loop alive. This includes its pipes. */
function setRef(how: 'ref' | 'unref', child: ChildProcess, guard?: ChildProcess): void {
  child[how]();
  guard?.[how]();
  for (const stream of [child.stdout, child.stderr, guard?.stdin]) {
    if (stream instanceof Socket) stream[how]();
  }
}
