import { readFile, rm } from 'node:fs/promises';
import { downloadFrom, unpack } from './apt.js';
import { placeFolder } from './atomic-folder.js';
import { starterOf, writeStarter } from './starter.js';
import { cacheFolder } from './unpacked.js';
import { binaryVersion, type RedisBinary } from '../binary.js';
import { findOnPath, run } from '../command.js';
import { reason, RemedyUnavailable } from '../errors.js';

/** Debian 13: Redis 8.0 and Valkey 8.1. */
const RELEASE = 'trixie';
/** Of the package debian-archive-keyring, which every Debian has: the release is signed with a key of Debian 12, too. */
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const PROGRAMS = ['redis-server', 'valkey-server'] as const;

export type TrixieProgram = (typeof PROGRAMS)[number];

/** An attempt per process, a failed one too: every further server would wait for the same mirror again. */
let found: Promise<string> | undefined;

/**
 * A server out of the packages of Debian 13, unpacked into the cache with the C library that it was built for, so that
 * it also runs on an older system. @throws RemedyUnavailable
 */
export async function binaryFromTrixie(
  program: TrixieProgram,
  onStep: (line: string) => void,
): Promise<RedisBinary> {
  found ??= locate(onStep).catch((error: unknown) => {
    throw error instanceof RemedyUnavailable ? error : new RemedyUnavailable(reason(error));
  });
  return unpackedBinary(await found, program);
}

async function locate(onStep: (line: string) => void): Promise<string> {
  const target = await cacheFolder(`${RELEASE}-servers`);
  if (await isWhole(target)) return target;
  for (const tool of ['apt-get', 'dpkg-deb']) {
    if ((await findOnPath(tool)) === undefined) throw new RemedyUnavailable(`${tool} is not on the PATH`);
  }
  onStep(`Fetching ${PROGRAMS.join(' and ')} of Debian ${RELEASE} into ${target}`);
  await placeFolder(target, { fill, isWhole });
  return target;
}

async function fill(folder: string): Promise<void> {
  const workshop = `${folder}/apt`;
  for (const deb of await downloadFrom(await sources(), workshop, PROGRAMS)) await unpack(deb, folder);
  await rm(workshop, { recursive: true });
  for (const program of PROGRAMS) {
    await writeStarter(folder, program);
    // Fails here when a library is missing, before anything is put into place.
    await unpackedBinary(folder, program);
  }
}

/** The newer release on the mirrors of this system; what is not Debian's among them fails at the signature. */
async function sources(): Promise<string[]> {
  const system = await readFile('/etc/os-release', 'utf8');
  const codename = /^VERSION_CODENAME="?([\w.-]+)/m.exec(system)?.[1] ?? RELEASE;
  // Asks apt, since sources are written in two formats and many files.
  const { stdout } = await run('apt-get', ['update', '--print-uris'], { timeoutMs: 10_000 });
  const uris = stdout.matchAll(new RegExp(`^'(\\S+)/dists/${codename}/InRelease'`, 'gm'));
  const mirrors = new Set(Array.from(uris, ([, mirror = '']) => mirror));
  if (mirrors.size === 0) throw new RemedyUnavailable(`apt knows no mirror with the release ${codename}`);
  return [...mirrors].map((mirror) => `deb [signed-by=${KEYRING}] ${mirror} ${RELEASE} main`);
}

function isWhole(folder: string): Promise<boolean> {
  return Promise.all(PROGRAMS.map((program) => unpackedBinary(folder, program))).then(
    () => true,
    () => false,
  );
}

async function unpackedBinary(root: string, program: TrixieProgram): Promise<RedisBinary> {
  const path = starterOf(root, program);
  return { path, env: process.env, source: 'package', version: await binaryVersion(path, process.env) };
}
