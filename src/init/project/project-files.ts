import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What a file holds; `undefined` where it cannot be read, or is none. */
export function readText(...path: string[]): string | undefined {
  try {
    return readFileSync(join(...path), 'utf8');
  } catch {
    return undefined; // whoever must have it says so
  }
}

export function isFile(...path: string[]): boolean {
  return statSync(join(...path), { throwIfNoEntry: false })?.isFile() ?? false;
}

/** Names in a folder; none where it cannot be read. */
export function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // not ours to look into
  }
}

/** The folders above, the nearest first. */
export function above(folder: string): readonly string[] {
  const parent = dirname(folder);
  return parent === folder ? [] : [parent, ...above(parent)];
}
