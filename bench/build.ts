import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildCode } from '../scripts/build/code.js';
import { writeEsModules } from '../scripts/build/es-modules.js';
import type * as Entry from '../src/index.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** The library, with the exports that its users import. */
export type Library = typeof Entry;

/** A built copy of src. The caller removes it. */
export interface Build {
  /** URL of the built `index.js`. */
  readonly entry: string;
  remove(): Promise<void>;
}

/**
 * Builds src as `npm run build` does, into a temporary folder, because a test run may replace dist at any time.
 * tsx is not used: its `keepNames` redefines the name of each closure, which turns the closure into a dictionary of
 * 256 bytes. The benchmarks would count these bytes as memory of the library.
 *
 * @throws Error with the messages of the bundler
 */
export async function buildLibrary(): Promise<Build> {
  const cache = join(ROOT, 'node_modules', '.cache'); // inside of node_modules, so that `ioredis` is found
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'redis-hygiene-bench-'));
  const dist = join(folder, 'dist');
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    await cp(join(ROOT, 'package.json'), join(folder, 'package.json'));
    await buildCode(dist);
    writeEsModules(dist);
  } catch (error) {
    await remove();
    throw error;
  }
  return { entry: pathToFileURL(join(dist, 'index.js')).href, remove };
}

export async function loadLibrary(entry: string): Promise<Library> {
  return (await import(entry)) as Library;
}
