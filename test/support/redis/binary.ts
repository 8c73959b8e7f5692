import { findOnPath, run } from './command.js';
import { reason, SourceUnavailable } from './errors.js';

/** A `redis-server` program that runs on this machine. A sentinel is started with it as `redis-server FILE --sentinel`. */
export interface RedisBinary {
  readonly path: string;
  /** Environment to start the program with. An unpacked package needs its library path. */
  readonly env: NodeJS.ProcessEnv;
  readonly source: 'path' | 'package';
  readonly version: string;
}

/** Finds the program on the PATH. @throws SourceUnavailable if it is missing or does not run */
export async function binaryOnPath(program = 'redis-server'): Promise<RedisBinary> {
  const path = await findOnPath(program);
  if (path === undefined) throw new SourceUnavailable(`${program} is not on the PATH`);
  try {
    return { path, env: process.env, source: 'path', version: await binaryVersion(path, process.env) };
  } catch (error) {
    throw new SourceUnavailable(reason(error));
  }
}

/** Runs `redis-server --version`, which also checks that every library is found. */
export async function binaryVersion(path: string, env: NodeJS.ProcessEnv): Promise<string> {
  const { stdout } = await run(path, ['--version'], { timeoutMs: 10_000, env });
  const version = /\bv=(\S+)/.exec(stdout)?.[1];
  if (version === undefined)
    throw new Error(`${path} --version printed "${stdout.trim()}", expected v=NUMBER`);
  return version;
}
