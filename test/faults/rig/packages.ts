import { rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { findOnPath } from '../../support/redis/command.js';
import { downloadPackages, unpack } from '../../support/redis/package/apt.js';
import { placeFolder } from '../../support/redis/package/atomic-folder.js';
import { cacheFolder, libraryFolders } from '../../support/redis/package/unpacked.js';

/** Where Debian puts the programs: `nft` and `tc` in sbin, `ip` in bin, before or after the /usr merge. */
const PROGRAM_FOLDERS = ['usr/sbin', 'usr/bin', 'sbin', 'bin'];

/**
 * The environment with a package's programs on its PATH and its libraries found. The package comes out of the
 * distribution's archive and is unpacked into the cache: nothing is installed.
 *
 * @throws Error when it cannot be had, or lacks the program
 */
export async function unpackedPackage(
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
