import { rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { downloadPackages, unpack } from './apt.js';
import { placeFolder } from './atomic-folder.js';
import { cacheFolder, libraryFolders } from './unpacked.js';
import { binaryVersion, type RedisBinary } from '../binary.js';
import { findOnPath } from '../command.js';
import { reason, SourceUnavailable } from '../errors.js';

const PACKAGES = ['redis-server', 'redis-tools'];

/** Result of the only attempt per process, also if it failed. Otherwise each server would wait for the same mirror again. */
let found: Promise<RedisBinary> | undefined;

/** Unpacks `redis-server` from the package of the distribution into the cache. @throws SourceUnavailable */
export function binaryFromPackage(onStep: (line: string) => void): Promise<RedisBinary> {
  found ??= locate(onStep).catch((error: unknown) => {
    throw error instanceof SourceUnavailable ? error : new SourceUnavailable(reason(error));
  });
  return found;
}

async function locate(onStep: (line: string) => void): Promise<RedisBinary> {
  const target = await cacheFolder('redis-server');
  if (!(await isComplete(target))) await fetchInto(target, onStep);
  return unpackedBinary(target);
}

async function fetchInto(target: string, onStep: (line: string) => void): Promise<void> {
  for (const tool of ['apt-get', 'dpkg-deb']) {
    if ((await findOnPath(tool)) === undefined) throw new SourceUnavailable(`${tool} is not on the PATH`);
  }
  onStep(`Fetching the package redis-server into ${target}`);
  await placeFolder(target, { fill: (folder) => fill(folder, onStep), isComplete });
}

async function fill(folder: string, onStep: (line: string) => void): Promise<void> {
  const downloads = join(folder, 'apt');
  for (const deb of await downloadPackages(downloads, PACKAGES, onStep)) await unpack(deb, folder);
  await rm(downloads, { recursive: true });
  // Fails if a library is missing, before the folder is renamed.
  await unpackedBinary(folder);
}

function isComplete(folder: string): Promise<boolean> {
  return unpackedBinary(folder).then(
    () => true,
    () => false,
  );
}

async function unpackedBinary(root: string): Promise<RedisBinary> {
  const path = join(root, 'usr', 'bin', 'redis-server');
  const libraries = [...(await libraryFolders(root)), process.env['LD_LIBRARY_PATH']].filter(Boolean);
  const env = { ...process.env, LD_LIBRARY_PATH: libraries.join(delimiter) };
  return { path, env, source: 'package', version: await binaryVersion(path, env) };
}
