import { type Stats, statSync } from 'node:fs';
import { basename } from 'node:path';
import { type FileMocks, readFileMocks, type ReplacementForm } from './file-mocks.js';
import { findProjectFolder, readText, sourceFilesIn } from './project-folder.js';

/** Where a project replaces ioredis, but not the module to use instead. */
export interface Replacement {
  readonly form: ReplacementForm;
  /** Absolute path. */
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
}

/** What the files of a project say about ioredis. */
export interface ProjectMocks {
  /** The first place at which ioredis is replaced alone. */
  readonly replacement?: Replacement;
  /** Whether a file imports ioredis or the module to use instead, without a mock of it. */
  readonly isUsed: boolean;
  /** Whether the search ended early, because the project has too many files. */
  readonly isPartial: boolean;
}

/** Limits of a search. */
export interface SearchLimits {
  /** Files that are read. @default 50_000 */
  readonly maxFiles: number;
  /** Longer files are skipped: they are generated. In bytes. @default 1_048_576 */
  readonly maxFileBytes: number;
}

/** Reading this many files takes seconds, once. A linter takes many minutes for them. */
const LIMITS: SearchLimits = { maxFiles: 50_000, maxFileBytes: 1_048_576 };

/** A result is used this much longer than its search took, so that searches take less than a twentieth of all time. */
const REUSE_FACTOR = 20;
/** A result is used at least for this time, in milliseconds. An editor lints after each change. */
const MIN_REUSE_MS = 1000;

interface KnownFile {
  readonly mtimeMs: number;
  readonly size: number;
  readonly mocks: FileMocks | undefined;
}

interface Search {
  readonly mocks: ProjectMocks;
  readonly files: ReadonlyMap<string, KnownFile>;
  /** Time at which the project is searched again, in milliseconds since 1970. */
  readonly expiresAt: number;
}

const searches = new Map<string, Search>();

/**
 * Searches the project of a file for mocks of ioredis. A later search reads only files that have changed.
 *
 * @param module Module to use instead of ioredis.
 * @returns `undefined` for a text that belongs to no project
 */
export function searchProject(filename: string, module: string): ProjectMocks | undefined {
  const folder = findProjectFolder(filename);
  if (folder === undefined) return undefined;
  const key = `${folder}\n${module}`;
  const before = searches.get(key);
  const start = Date.now();
  if (before && start < before.expiresAt) return before.mocks;
  const { mocks, files } = searchFolder(folder, module, before?.files);
  const end = Date.now();
  const expiresAt = end + Math.max(MIN_REUSE_MS, (end - start) * REUSE_FACTOR);
  searches.set(key, { mocks, files, expiresAt });
  return mocks;
}

/** Searches a folder. Files that have not changed since they became known are not read again. */
export function searchFolder(
  folder: string,
  module: string,
  known: ReadonlyMap<string, KnownFile> = new Map(),
  { maxFiles, maxFileBytes }: SearchLimits = LIMITS,
): Pick<Search, 'mocks' | 'files'> {
  const files = new Map<string, KnownFile>();
  let isPartial = false;
  for (const path of sourceFilesIn(folder)) {
    isPartial = files.size >= maxFiles;
    if (isPartial) break;
    const file = readFile(path, module, known.get(path), maxFileBytes);
    if (file) files.set(path, file);
  }
  const replacement = firstReplacementIn(files);
  const isUsed = [...files.values()].some(({ mocks }) => mocks?.isUser);
  return { files, mocks: { isUsed, isPartial, ...(replacement && { replacement }) } };
}

/** Reads a file, unless it is the same as before; undefined if it cannot be read. */
function readFile(
  path: string,
  module: string,
  before: KnownFile | undefined,
  maxBytes: number,
): KnownFile | undefined {
  const status = statusOf(path);
  if (!status) return undefined;
  const { mtimeMs, size } = status;
  if (before?.mtimeMs === mtimeMs && before.size === size) return before;
  const text = size > maxBytes ? undefined : readText(path);
  return { mtimeMs, size, mocks: readFileMocks(basename(path), text ?? '', module) };
}

function statusOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined; // no test can read it either
  }
}

function firstReplacementIn(files: ReadonlyMap<string, KnownFile>): Replacement | undefined {
  for (const [file, { mocks }] of files) {
    if (mocks?.replacement) return { ...mocks.replacement, file };
  }
  return undefined;
}
