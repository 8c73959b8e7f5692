import { readdir, readFile, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { downloadPackages, unpack } from './apt.js';
import { placeFolder } from './atomic-folder.js';
import { binaryVersion, type RedisBinary } from '../binary.js';
import { findOnPath } from '../command.js';
import { reason, RemedyUnavailable } from '../errors.js';

const PACKAGES = ['redis-server', 'redis-tools'];

/** One attempt per process, a failed one too: every further server would wait for the same mirror again. */
let found: Promise<RedisBinary> | undefined;

/** `redis-server` out of the distribution's package, unpacked into the cache. @throws RemedyUnavailable */
export function binaryFromPackage(onStep: (line: string) => void): Promise<RedisBinary> {
  found ??= locate(onStep).catch((error: unknown) => {
    throw error instanceof RemedyUnavailable ? error : new RemedyUnavailable(reason(error));
  });
  return found;
}

async function locate(onStep: (line: string) => void): Promise<RedisBinary> {
  const target = await cacheFolder();
  if (!(await isWhole(target))) await fetchInto(target, onStep);
  return unpackedBinary(target);
}

async function fetchInto(target: string, onStep: (line: string) => void): Promise<void> {
  for (const tool of ['apt-get', 'dpkg-deb']) {
    if ((await findOnPath(tool)) === undefined) throw new RemedyUnavailable(`${tool} is not on the PATH`);
  }
  onStep(`Fetching the package redis-server into ${target}`);
  await placeFolder(target, { fill, isWhole });
}

/** Per distribution and architecture: a home directory is often mounted into several machines. */
async function cacheFolder(env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const base = env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const field = (name: string) => new RegExp(`^${name}="?([\\w.-]+)`, 'm').exec(release)?.[1] ?? 'any';
  const name = `redis-server-${field('ID')}-${field('VERSION_ID')}-${process.arch}`;
  return join(env['REDIS_HYGIENE_CACHE'] || join(base, 'redis-hygiene'), name);
}

async function fill(folder: string): Promise<void> {
  const workshop = join(folder, 'apt');
  for (const deb of await downloadPackages(workshop, PACKAGES)) await unpack(deb, folder);
  await rm(workshop, { recursive: true });
  // Fails here when a library is missing, before anything is put into place.
  await unpackedBinary(folder);
}

function isWhole(folder: string): Promise<boolean> {
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

/** Debian keeps libraries in a folder per architecture, `usr/lib/x86_64-linux-gnu`, or in `lib/…` before trixie. */
async function libraryFolders(root: string): Promise<string[]> {
  const found: string[] = [];
  for (const base of [join(root, 'usr', 'lib'), join(root, 'lib')]) {
    const names = await readdir(base).catch(() => []);
    const folders = names.filter((name) => name.includes('-linux-')).map((name) => join(base, name));
    found.push(...folders, ...(names.length > 0 ? [base] : []));
  }
  return found;
}
