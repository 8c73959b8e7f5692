import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** A folder in which copies of a sample find redis-hygiene as it is published, and all packages of the repository. */
export interface Workshop extends Disposable {
  /** Copies a folder of the repository under a name, and gives the copy's path. */
  copy(from: string, name: string): string;
}

/** Makes such a folder outside of the repository, so that nothing is found there but what was put there. */
export function openWorkshop(): Workshop {
  const dir = mkdtempSync(join(tmpdir(), 'redis-hygiene-services-'));
  const modules = join(dir, 'node_modules');
  mkdirSync(modules);
  for (const name of readdirSync(join(ROOT, 'node_modules')).filter((one) => one !== 'redis-hygiene'))
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
