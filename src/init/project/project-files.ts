import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Text of a file; `undefined` if it cannot be read or is not a file. */
export function readText(...path: string[]): string | undefined {
  try {
    return readFileSync(join(...path), 'utf8');
  } catch {
    return undefined; // callers that need the file report it
  }
}

export function isFile(...path: string[]): boolean {
  return statSync(join(...path), { throwIfNoEntry: false })?.isFile() ?? false;
}

/** Names in a folder; an empty list if the folder cannot be read. */
export function readFolder(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // a folder without read permission is treated as empty
  }
}

/** All folders above a folder, nearest first. */
export function parentFolders(folder: string): readonly string[] {
  const parent = dirname(folder);
  return parent === folder ? [] : [parent, ...parentFolders(parent)];
}
