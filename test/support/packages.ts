import { rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { findOnPath } from './redis/command.js';
import { reason } from './redis/errors.js';
import { downloadPackages, unpack } from './redis/package/apt.js';
import { placeFolder } from './redis/package/atomic-folder.js';
import { cacheFolder, libraryFolders } from './redis/package/unpacked.js';

/** A program that a rig needs, with the package that brings it. */
export interface NeededProgram {
  readonly program: string;
  readonly packageName: string;
}

/** An environment in which these are found; those that the machine lacks are unpacked from its packages. @throws Error */
export async function environmentWith(needed: readonly NeededProgram[]): Promise<NodeJS.ProcessEnv> {
  let env: NodeJS.ProcessEnv = { ...process.env };
  for (const { program, packageName } of needed) {
    if ((await findOnPath(program, env['PATH'])) !== undefined) continue;
    env = await unpackedPackage(packageName, program, env).catch((error: unknown) => {
      throw new Error(`${program} is missing and its package cannot be had: ${reason(error)}`);
    });
  }
  return env;
}

/** Where Debian puts the programs: `nft` and `tc` in sbin, `ip` in bin, before or after the /usr merge. */
const PROGRAM_FOLDERS = ['usr/sbin', 'usr/bin', 'sbin', 'bin'];

/**
 * The environment with a package's programs on its PATH and its libraries found. The package comes out of the
 * distribution's archive and is unpacked into the cache: nothing is installed.
 *
 * @throws Error when it cannot be had, or lacks the program
 */
async function unpackedPackage(
  name: string,
  program: string,
  env: NodeJS.ProcessEnv,
): Promise<NodeJS.ProcessEnv> {
  const target = await cacheFolder(name);
  const isWhole = async (folder: string) => (await locate(folder, program)) !== undefined;
  const fill = async (folder: string) => {
    const workshop = join(folder, 'apt');
    for (const deb of await downloadPackages(workshop, [name])) await unpack(deb, folder);
    await rm(workshop, { recursive: true });
    if (!(await isWhole(folder))) throw new Error(`The package ${name} has no program ${program}`);
  };
  if (!(await isWhole(target))) await placeFolder(target, { fill, isWhole });
  return extended(env, target);
}

function locate(root: string, program: string): Promise<string | undefined> {
  return findOnPath(program, programFolders(root).join(delimiter));
}

function programFolders(root: string): string[] {
  return PROGRAM_FOLDERS.map((folder) => join(root, folder));
}

/** What the machine has comes first: the package only fills what it lacks. */
async function extended(env: NodeJS.ProcessEnv, root: string): Promise<NodeJS.ProcessEnv> {
  const libraries = [env['LD_LIBRARY_PATH'], ...(await libraryFolders(root))];
  return {
    ...env,
    PATH: [env['PATH'], ...programFolders(root)].filter(Boolean).join(delimiter),
    LD_LIBRARY_PATH: libraries.filter(Boolean).join(delimiter),
  };
}
