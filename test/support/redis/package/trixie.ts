import { readFile, rm } from 'node:fs/promises';
import { downloadFrom, unpack } from './apt.js';
import { placeFolder } from './atomic-folder.js';
import { starterOf, writeStarter } from './starter.js';
import { cacheFolder } from './unpacked.js';
import { binaryVersion, type RedisBinary } from '../binary.js';
import { findOnPath, run } from '../command.js';
import { reason, SourceUnavailable } from '../errors.js';

/** Debian 13, which has Redis 8.0 and Valkey 8.1. */
const RELEASE = 'trixie';
/** Key of the package debian-archive-keyring, which every Debian has. The release is also signed with a key of Debian 12. */
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const PROGRAMS = ['redis-server', 'valkey-server'] as const;

export type TrixieProgram = (typeof PROGRAMS)[number];

/** Result of the only attempt per process, also if it failed. Otherwise each server would wait for the same mirror again. */
let found: Promise<string> | undefined;

/**
 * Unpacks a server from the packages of Debian 13 into the cache, together with the C library that it was built for, so
 * that it also runs on an older system. @throws SourceUnavailable
 */
export async function binaryFromTrixie(
  program: TrixieProgram,
  onStep: (line: string) => void,
): Promise<RedisBinary> {
  found ??= locate(onStep).catch((error: unknown) => {
    throw error instanceof SourceUnavailable ? error : new SourceUnavailable(reason(error));
  });
  return unpackedBinary(await found, program);
}

async function locate(onStep: (line: string) => void): Promise<string> {
  const target = await cacheFolder(`${RELEASE}-servers`);
  if (await isComplete(target)) return target;
  for (const tool of ['apt-get', 'dpkg-deb']) {
    if ((await findOnPath(tool)) === undefined) throw new SourceUnavailable(`${tool} is not on the PATH`);
  }
  onStep(`Fetching ${PROGRAMS.join(' and ')} of Debian ${RELEASE} into ${target}`);
  await placeFolder(target, { fill, isComplete });
  return target;
}

async function fill(folder: string): Promise<void> {
  const downloads = `${folder}/apt`;
  for (const deb of await downloadFrom(await sources(), downloads, PROGRAMS)) await unpack(deb, folder);
  await rm(downloads, { recursive: true });
  for (const program of PROGRAMS) {
    await writeStarter(folder, program);
    // Fails if a library is missing, before the folder is renamed.
    await unpackedBinary(folder, program);
  }
}

/** Lines of sources.list for the newer release on the mirrors of this system. Mirrors of others fail at the signature. */
async function sources(): Promise<string[]> {
  const system = await readFile('/etc/os-release', 'utf8');
  const codename = /^VERSION_CODENAME="?([\w.-]+)/m.exec(system)?.[1] ?? RELEASE;
  // apt lists its sources, which are configured in two formats and many files.
  const { stdout } = await run('apt-get', ['update', '--print-uris'], { timeoutMs: 10_000 });
  const uris = stdout.matchAll(new RegExp(`^'(\\S+)/dists/${codename}/InRelease'`, 'gm'));
  const mirrors = new Set(Array.from(uris, ([, mirror = '']) => mirror));
  if (mirrors.size === 0) throw new SourceUnavailable(`apt knows no mirror with the release ${codename}`);
  return [...mirrors].map((mirror) => `deb [signed-by=${KEYRING}] ${mirror} ${RELEASE} main`);
}

function isComplete(folder: string): Promise<boolean> {
  return Promise.all(PROGRAMS.map((program) => unpackedBinary(folder, program))).then(
    () => true,
    () => false,
  );
}

async function unpackedBinary(root: string, program: TrixieProgram): Promise<RedisBinary> {
  const path = starterOf(root, program);
  return { path, env: process.env, source: 'package', version: await binaryVersion(path, process.env) };
}
