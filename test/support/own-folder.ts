import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A temporary folder that is removed when it is disposed of, or else when this process ends, also by SIGKILL. */
export interface OwnFolder extends AsyncDisposable {
  readonly path: string;
}

/** Removes the folder when the pipe closes. See test/support/redis/guard.ts. */
const GUARD = 'read -r line; rm -rf -- "$1"';

/** @param name Part of the folder's name that tells what it is for. */
export async function createOwnFolder(name: string): Promise<OwnFolder> {
  const path = await mkdtemp(join(tmpdir(), `redis-hygiene-${name}-`));
  const guard = spawn('/bin/sh', ['-c', GUARD, 'folder-guard', path], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guard.unref();
  return {
    path,
    async [Symbol.asyncDispose]() {
      await rm(path, { recursive: true, force: true });
      guard.kill('SIGKILL');
    },
  };
}
