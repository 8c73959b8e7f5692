import { chmod, readdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { libraryFolders } from './unpacked.js';

/** Path of the script that `writeStarter` writes. */
export function starterOf(root: string, program: string): string {
  return join(root, `start-${program}`);
}

/**
 * Writes a script that starts an unpacked program with the dynamic loader and the libraries that were unpacked with it,
 * because those of the system may be too old. The script uses exec, so the program keeps its pid. It does not set
 * environment variables, because children of the program would inherit them.
 */
export async function writeStarter(root: string, program: string): Promise<void> {
  const libraries = (await libraryFolders(root)).map((folder) => fromStarter(root, folder));
  const loader = fromStarter(root, await loaderOf(root));
  const file = fromStarter(root, join(root, 'usr', 'bin', program));
  const line = `exec "${loader}" --library-path "${libraries.join(':')}" "${file}" "$@"`;
  await writeFile(starterOf(root, program), `#!/bin/sh\n${line}\n`);
  await chmod(starterOf(root, program), 0o755);
}

/** Path relative to the script, because the root is renamed when it is complete. */
function fromStarter(root: string, path: string): string {
  return `\${0%/*}/${relative(root, path)}`;
}

/** Finds the dynamic loader, such as `ld-linux-x86-64.so.2` or `ld-linux-aarch64.so.1`. */
async function loaderOf(root: string): Promise<string> {
  for (const folder of await libraryFolders(root)) {
    const name = (await readdir(folder)).find((file) => /^ld-linux[\w-]*\.so\.\d+$/.test(file));
    if (name !== undefined) return join(folder, name);
  }
  throw new Error(`No loader (ld-linux….so) was unpacked into ${root}`);
}
