import { chmod, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorCode } from '../errors.js';

export interface FolderContent {
  /** Writes the content into an empty folder. */
  fill(folder: string): Promise<void>;
  /** Whether the content of an existing folder is complete. */
  isComplete(folder: string): Promise<boolean>;
}

/**
 * Fills a temporary folder and renames it to `target`, so that readers see either the complete content or no folder.
 * Several processes may do this at the same time. The first rename succeeds, and the others delete their copy.
 */
export async function placeFolder(target: string, content: FolderContent): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const draft = await mkdtemp(`${target}.draft-`);
  try {
    await content.fill(draft);
    // mkdtemp sets mode 0700, but a cache that root has filled while building an image must be readable by all users.
    await chmod(draft, 0o755);
    await moveIntoPlace(draft, target, content);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function moveIntoPlace(draft: string, target: string, content: FolderContent): Promise<void> {
  if (await renamed(draft, target)) return;
  if (await content.isComplete(target)) return;
  await discard(target);
  if (await renamed(draft, target)) return;
  if (!(await content.isComplete(target))) throw new Error(`${target} is broken and cannot be replaced`);
}

/** Renames the folder. This fails if the target is not empty, which serves as the lock. */
async function renamed(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOTEMPTY' || errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Renames the folder before deleting it, so that no reader sees an incomplete folder. */
async function discard(target: string): Promise<void> {
  const grave = await mkdtemp(`${target}.draft-`);
  try {
    await rename(target, join(grave, 'old'));
  } catch (error) {
    // Another process has discarded the folder first.
    if (errorCode(error) !== 'ENOENT') throw error;
  } finally {
    await rm(grave, { recursive: true, force: true });
  }
}
