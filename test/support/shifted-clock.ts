import { access, rename, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { createOwnFolder } from './own-folder.js';
import { environmentWith } from './packages.js';
import { reason } from './redis/errors.js';
import { libraryFolders } from './redis/package/unpacked.js';

/** A wall clock that tests move. The monotonic clock of the programs that use it stays the machine's. */
export interface ShiftedClock extends AsyncDisposable {
  /** Returns an environment with which a program uses this clock. */
  environment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv;
  /** Moves the clock to this many seconds from the machine's. The running programs see that at once. */
  shift(seconds: number): Promise<void>;
}

/** The library that answers a program's questions for the time, or the reason why it cannot be had. */
export type ClockLibrary = { readonly path: string } | { readonly missing: string };

const LIBRARY = join('faketime', 'libfaketimeMT.so.1');
const PACKAGE = { program: 'faketime', packageName: 'faketime' } as const;

/** Finds libfaketime on this machine, or else unpacks it from its package. */
export async function findClockLibrary(): Promise<ClockLibrary> {
  if (process.platform !== 'linux') return { missing: 'libfaketime is preloaded, which needs Linux' };
  try {
    const env = await environmentWith([PACKAGE]);
    const unpacked = env['LD_LIBRARY_PATH']?.split(delimiter).filter(Boolean) ?? [];
    for (const folder of [...unpacked, ...(await libraryFolders('/usr')), ...(await libraryFolders('/'))]) {
      const path = join(folder, LIBRARY);
      if (await isReadable(path)) return { path };
    }
    return { missing: `the package ${PACKAGE.packageName} does not contain ${LIBRARY}` };
  } catch (error) {
    return { missing: reason(error) };
  }
}

/** Creates a clock that shows the machine's time until it is shifted. */
export async function createShiftedClock({ path }: { readonly path: string }): Promise<ShiftedClock> {
  const folder = await createOwnFolder('clock');
  const file = join(folder.path, 'offset');
  const shift = async (seconds: number) => {
    await writeFile(`${file}.next`, `${seconds < 0 ? '' : '+'}${seconds}\n`);
    await rename(`${file}.next`, file); // programs read the file at any time, and never half of it
  };
  await shift(0);
  return {
    shift,
    environment: (env) => ({
      ...env,
      // jemalloc of Debian's redis-server asks for the time while libfaketime is being loaded, which ends in a recursion.
      // With the C library before jemalloc, malloc() is the C library's.
      LD_PRELOAD: `${path} libc.so.6`,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      DONT_FAKE_MONOTONIC: '1', // the name before libfaketime 0.9.10
    }),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

function isReadable(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
