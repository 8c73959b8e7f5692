import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** A temporary folder for copies of a sample, with redis-hygiene as published and all packages of the repository. */
export interface SampleFolder extends Disposable {
  /** Copies a folder of the repository under a name. Returns the path of the copy. */
  copy(from: string, name: string): string;
}

/** Creates the folder outside of the repository, so that no other package or config is found. */
export function createSampleFolder(): SampleFolder {
  const dir = mkdtempSync(join(tmpdir(), 'redis-hygiene-services-'));
  const modules = join(dir, 'node_modules');
  mkdirSync(modules);
  for (const name of readdirSync(join(ROOT, 'node_modules')).filter((name) => name !== 'redis-hygiene'))
    symlinkSync(join(ROOT, 'node_modules', name), join(modules, name), 'junction');
  for (const part of ['dist', 'package.json'])
    cpSync(join(ROOT, part), join(modules, 'redis-hygiene', part), { recursive: true });
  return {
    copy(from, name) {
      cpSync(join(ROOT, from), join(dir, name), { recursive: true });
      return join(dir, name);
    },
    [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }),
  };
}
