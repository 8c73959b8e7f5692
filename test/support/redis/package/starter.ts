import { chmod, readdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { libraryFolders } from './unpacked.js';

/** Where `writeStarter` puts it. */
export function starterOf(root: string, program: string): string {
  return join(root, `start-${program}`);
}

/**
 * Writes a script that gives an unpacked program to the loader that was unpacked with it, which finds the libraries
 * beside it: those of the system may be too old. The shell becomes the loader and the loader the program, so that the
 * pid stays; nothing goes into the environment, where the program's own children would find it.
 */
export async function writeStarter(root: string, program: string): Promise<void> {
  const libraries = (await libraryFolders(root)).map((folder) => fromStarter(root, folder));
  const loader = fromStarter(root, await loaderOf(root));
  const file = fromStarter(root, join(root, 'usr', 'bin', program));
  const line = `exec "${loader}" --library-path "${libraries.join(':')}" "${file}" "$@"`;
  await writeFile(starterOf(root, program), `#!/bin/sh\n${line}\n`);
  await chmod(starterOf(root, program), 0o755);
}

/** The root is renamed when it is whole, so that paths begin where the script stands. */
function fromStarter(root: string, path: string): string {
  return `\${0%/*}/${relative(root, path)}`;
}

/** `ld-linux-x86-64.so.2`, `ld-linux-aarch64.so.1` */
async function loaderOf(root: string): Promise<string> {
  for (const folder of await libraryFolders(root)) {
    const name = (await readdir(folder)).find((file) => /^ld-linux[\w-]*\.so\.\d+$/.test(file));
    if (name !== undefined) return join(folder, name);
  }
  throw new Error(`No loader (ld-linux….so) was unpacked into ${root}`);
}
