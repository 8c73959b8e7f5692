import { findOnPath, run } from './command.js';
import { reason, RemedyUnavailable } from './errors.js';

/** A `redis-server` that runs on this machine; a Sentinel is the same program: `redis-server FILE --sentinel`. */
export interface RedisBinary {
  readonly path: string;
  /** The environment to start it with: an unpacked package needs its library path. */
  readonly env: NodeJS.ProcessEnv;
  readonly source: 'path' | 'package';
  readonly version: string;
}

/** The program on the PATH. @throws RemedyUnavailable when there is none, or it does not run */
export async function binaryOnPath(program = 'redis-server'): Promise<RedisBinary> {
  const path = await findOnPath(program);
  if (path === undefined) throw new RemedyUnavailable(`${program} is not on the PATH`);
  try {
    return { path, env: process.env, source: 'path', version: await binaryVersion(path, process.env) };
  } catch (error) {
    throw new RemedyUnavailable(reason(error));
  }
}

/** Runs `redis-server --version`, which also proves that every library is found. */
export async function binaryVersion(path: string, env: NodeJS.ProcessEnv): Promise<string> {
  const { stdout } = await run(path, ['--version'], { timeoutMs: 10_000, env });
  const version = /\bv=(\S+)/.exec(stdout)?.[1];
  if (version === undefined) throw new Error(`${path} --version says "${stdout.trim()}", not v=NUMBER`);
  return version;
}
