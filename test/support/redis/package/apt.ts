import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { lastLines, run } from '../command.js';
import { reason } from '../errors.js';

const UPDATE_MS = 180_000;
const DOWNLOAD_MS = 180_000;
const UNPACK_MS = 60_000;
const SYSTEM_LISTS = '/var/lib/apt/lists';

/**
 * Downloads packages and those of their dependencies that this system lacks, without root.
 * apt's own resolver, fed with the system's list of installed packages, finds them: no list of libraries
 * here that the next Debian would outdate. Gives the paths of the `.deb` files.
 */
export async function downloadPackages(folder: string, packages: readonly string[]): Promise<string[]> {
  const lists = join(folder, 'lists');
  const cache = join(folder, 'cache');
  for (const needed of [lists, join(cache, 'archives')]) {
    await mkdir(join(needed, 'partial'), { recursive: true });
  }
  const options = [...privateFolders(folder, cache), ...IMPATIENT];
  // The system's lists save 10 MB, but are empty in a fresh image and may be too old for the mirror.
  await download(options, SYSTEM_LISTS, packages).catch(async (first: unknown) => {
    const complaint = await update(options, lists);
    await download(options, lists, packages).catch((second: unknown) => {
      throw new Error([reason(first), complaint, reason(second)].filter(Boolean).join('; then '));
    });
  });
  return debFiles(join(cache, 'archives'));
}

/** Unpacks a package without installing it: no scripts run, nothing outside of `root` changes. */
export async function unpack(deb: string, root: string): Promise<void> {
  await run('dpkg-deb', ['-x', deb, root], { timeoutMs: UNPACK_MS });
}

function privateFolders(state: string, cache: string): string[] {
  return [
    `Dir::State=${state}`,
    `Dir::Cache=${cache}`,
    // Relative to Dir::State unless given: the true list of what is installed is the system's.
    'Dir::State::status=/var/lib/dpkg/status',
    // The locks are the system's, and only root may take them.
    'Debug::NoLocking=1',
    // As root, apt would become _apt, which cannot write into our folders.
    'APT::Sandbox::User=root',
  ];
}

/** A machine without network must come to the end of its remedies in seconds. */
const IMPATIENT = [
  'Acquire::Retries=1',
  'Acquire::http::Timeout=15',
  'Acquire::https::Timeout=15',
  'Acquire::Languages=none',
];

/**
 * Gives what apt complains about instead of failing: one dead third-party source spoils the exit code,
 * and no network at all leaves it at 0. What counts is whether the package can be had afterwards.
 */
async function update(options: readonly string[], lists: string): Promise<string> {
  const args = [...asFlags([...options, `Dir::State::lists=${lists}`]), 'update'];
  return run('apt-get', args, { timeoutMs: UPDATE_MS }).then(({ stderr }) => lastLines(stderr), reason);
}

async function download(
  options: readonly string[],
  lists: string,
  packages: readonly string[],
): Promise<void> {
  const flags = asFlags([...options, `Dir::State::lists=${lists}`]);
  // --reinstall: redis-server is a link into redis-tools, which may be installed already.
  const action = ['install', '--download-only', '--reinstall', '--no-install-recommends', '--yes'];
  await run('apt-get', [...flags, ...action, ...packages], { timeoutMs: DOWNLOAD_MS });
}

function asFlags(options: readonly string[]): string[] {
  return options.flatMap((option) => ['-o', option]);
}

async function debFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder);
  return names.filter((name) => name.endsWith('.deb')).map((name) => join(folder, name));
}
