import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runAfterDeath } from './death-guard.js';

/** A temporary folder that is removed when it is disposed of, or else when this process ends, also by SIGKILL. */
export interface OwnFolder extends AsyncDisposable {
  readonly path: string;
}

/** @param name Part of the folder's name that tells what it is for. */
export async function createOwnFolder(name: string): Promise<OwnFolder> {
  const path = await mkdtemp(join(tmpdir(), `redis-hygiene-${name}-`));
  const guard = runAfterDeath('rm -rf -- "$1"', [path]);
  return {
    path,
    async [Symbol.asyncDispose]() {
      await rm(path, { recursive: true, force: true });
      guard.release();
    },
  };
}
