import { chmod, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorCode } from '../errors.js';

export interface FolderContent {
  /** Writes the content into an empty folder. */
  fill(folder: string): Promise<void>;
  /** Tells whether a folder that is already in place serves. */
  isWhole(folder: string): Promise<boolean>;
}

/**
 * Fills a folder beside `target` and renames it into place: a reader sees all of it or nothing.
 * Several processes may do so at once; the first rename wins and the others delete their copy.
 */
export async function placeFolder(target: string, content: FolderContent): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const draft = await mkdtemp(`${target}.draft-`);
  try {
    await content.fill(draft);
    // mkdtemp gives 0700; a cache that root made while building an image is for all.
    await chmod(draft, 0o755);
    await moveIntoPlace(draft, target, content);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function moveIntoPlace(draft: string, target: string, content: FolderContent): Promise<void> {
  if (await renamed(draft, target)) return;
  if (await content.isWhole(target)) return;
  await discard(target);
  if (await renamed(draft, target)) return;
  if (!(await content.isWhole(target))) throw new Error(`${target} is broken and cannot be replaced`);
}

/** A folder cannot be renamed onto one that is not empty, and that is the lock. */
async function renamed(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOTEMPTY' || errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Moved away before it is deleted, so that nobody meets half of it. */
async function discard(target: string): Promise<void> {
  const grave = await mkdtemp(`${target}.draft-`);
  try {
    await rename(target, join(grave, 'old'));
  } catch (error) {
    // Another process discarded it first.
    if (errorCode(error) !== 'ENOENT') throw error;
  } finally {
    await rm(grave, { recursive: true, force: true });
  }
}
