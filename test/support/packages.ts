import { rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { findOnPath } from './redis/command.js';
import { reason } from './redis/errors.js';
import { downloadPackages, unpack } from './redis/package/apt.js';
import { placeFolder } from './redis/package/atomic-folder.js';
import { cacheFolder, libraryFolders } from './redis/package/unpacked.js';

/** A program that tests need, and the Debian package that contains it. */
export interface NeededProgram {
  readonly program: string;
  readonly packageName: string;
}

/** Environment in which the programs are found. Missing ones are unpacked from packages. @throws Error */
export async function environmentWith(needed: readonly NeededProgram[]): Promise<NodeJS.ProcessEnv> {
  let env: NodeJS.ProcessEnv = { ...process.env };
  for (const { program, packageName } of needed) {
    if ((await findOnPath(program, env['PATH'])) !== undefined) continue;
    env = await unpackedPackage(packageName, program, env).catch((error: unknown) => {
      throw new Error(`${program} is missing, and its package is not available: ${reason(error)}`);
    });
  }
  return env;
}

/** Folders of a Debian package with programs: `nft` and `tc` are in sbin, `ip` in bin, before or after the /usr merge. */
const PROGRAM_FOLDERS = ['usr/sbin', 'usr/bin', 'sbin', 'bin'];

/**
 * Adds the programs and libraries of a package to an environment. The package is downloaded from the distribution's
 * archive and unpacked into the cache. Nothing is installed.
 *
 * @throws Error if the package is not available, or does not contain the program
 */
async function unpackedPackage(
  name: string,
  program: string,
  env: NodeJS.ProcessEnv,
): Promise<NodeJS.ProcessEnv> {
  const target = await cacheFolder(name);
  const isComplete = async (folder: string) => (await locate(folder, program)) !== undefined;
  const fill = async (folder: string) => {
    const downloads = join(folder, 'apt');
    for (const deb of await downloadPackages(downloads, [name])) await unpack(deb, folder);
    await rm(downloads, { recursive: true });
    if (!(await isComplete(folder))) throw new Error(`The package ${name} does not contain ${program}`);
  };
  if (!(await isComplete(target))) await placeFolder(target, { fill, isComplete });
  return extendEnvironment(env, target);
}

function locate(root: string, program: string): Promise<string | undefined> {
  return findOnPath(program, programFolders(root).join(delimiter));
}

function programFolders(root: string): string[] {
  return PROGRAM_FOLDERS.map((folder) => join(root, folder));
}

/** Adds the package behind the programs and libraries of the machine, which have precedence. */
async function extendEnvironment(env: NodeJS.ProcessEnv, root: string): Promise<NodeJS.ProcessEnv> {
  const libraries = [env['LD_LIBRARY_PATH'], ...(await libraryFolders(root))];
  return {
    ...env,
    PATH: [env['PATH'], ...programFolders(root)].filter(Boolean).join(delimiter),
    LD_LIBRARY_PATH: libraries.filter(Boolean).join(delimiter),
  };
}
