import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lastLines, run } from '../command.js';
import { reason } from '../errors.js';

const UPDATE_MS = 180_000;
const DOWNLOAD_MS = 180_000;
const UNPACK_MS = 60_000;
const SYSTEM_LISTS = '/var/lib/apt/lists';
const SYSTEM_STATUS = '/var/lib/dpkg/status';

/** apt that keeps all of its state in a folder of its own; the system's is read at most. */
interface PrivateApt {
  /** Downloads the packages and what they need, as these lists tell. Gives the paths of the `.deb` files. */
  download(packages: readonly string[], lists: string): Promise<string[]>;
  /** The same after fetching the lists. @throws Error that says what apt complained about, at both steps */
  updateAndDownload(packages: readonly string[]): Promise<string[]>;
}

/**
 * Downloads packages and those of their dependencies that this system lacks, without root.
 * apt's own resolver, fed with the system's list of installed packages, finds them: no list of libraries
 * here that the next Debian would outdate. Gives the paths of the `.deb` files.
 */
export async function downloadPackages(folder: string, packages: readonly string[]): Promise<string[]> {
  const apt = await privateApt(folder, [`Dir::State::status=${SYSTEM_STATUS}`]);
  // The system's lists save 10 MB, but are empty in a fresh image and may be too old for the mirror.
  return apt.download(packages, SYSTEM_LISTS).catch((first: unknown) =>
    apt.updateAndDownload(packages).catch((second: unknown) => {
      throw new Error(`${reason(first)}; then ${reason(second)}`);
    }),
  );
}

/**
 * Downloads packages and all that they need, the C library included, from the archives that these lines of a
 * sources.list name, and from no other. Only what apt has verified is taken, whatever the system's own settings allow.
 */
export async function downloadFrom(
  sources: readonly string[],
  folder: string,
  packages: readonly string[],
): Promise<string[]> {
  const list = join(folder, 'sources.list');
  const status = join(folder, 'status');
  const apt = await privateApt(folder, [
    `Dir::Etc::sourcelist=${list}`,
    `Dir::State::status=${status}`,
    'Dir::Etc::sourceparts=/dev/null',
    // The system's pins are for the system's own release.
    'Dir::Etc::preferences=/dev/null',
    'Dir::Etc::preferencesparts=/dev/null',
    'APT::Get::AllowUnauthenticated=false',
    'Acquire::AllowInsecureRepositories=false',
  ]);
  await Promise.all([writeFile(list, sources.join('\n') + '\n'), writeFile(status, '')]);
  return apt.updateAndDownload(packages);
}

/** Unpacks a package without installing it: no scripts run, nothing outside of `root` changes. */
export async function unpack(deb: string, root: string): Promise<void> {
  await run('dpkg-deb', ['-x', deb, root], { timeoutMs: UNPACK_MS });
}

async function privateApt(folder: string, more: readonly string[]): Promise<PrivateApt> {
  const lists = join(folder, 'lists');
  const cache = join(folder, 'cache');
  const archives = join(cache, 'archives');
  for (const needed of [lists, archives]) await mkdir(join(needed, 'partial'), { recursive: true });
  const hookless = join(folder, 'apt.conf');
  await writeFile(hookless, NO_HOOKS);
  const options = [...privateFolders(folder, cache), ...IMPATIENT, ...more];
  const flags = (from: string) => ['-c', hookless, ...asFlags([...options, `Dir::State::lists=${from}`])];

  async function download(packages: readonly string[], from: string): Promise<string[]> {
    // --reinstall: redis-server is a link into redis-tools, which may be installed already.
    const action = ['install', '--download-only', '--reinstall', '--no-install-recommends', '--yes'];
    await run('apt-get', [...flags(from), ...action, ...packages], { timeoutMs: DOWNLOAD_MS });
    return debFiles(archives);
  }

  return {
    download,
    async updateAndDownload(packages) {
      const complaint = await update(flags(lists));
      return download(packages, lists).catch((error: unknown) => {
        throw new Error([complaint, reason(error)].filter(Boolean).join('; then '));
      });
    },
  };
}

function privateFolders(state: string, cache: string): string[] {
  return [
    `Dir::State=${state}`,
    `Dir::Cache=${cache}`,
    // The locks are the system's, and only root may take them.
    'Debug::NoLocking=1',
    // As root, apt would become _apt, which cannot write into our folders.
    'APT::Sandbox::User=root',
  ];
}

/** What a system does after an update concerns its own lists: Debian's images delete its packages then. */
const NO_HOOKS = ['Pre-Invoke', 'Post-Invoke', 'Post-Invoke-Success']
  .map((hook) => `#clear APT::Update::${hook};\n`)
  .join('');

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
async function update(flags: readonly string[]): Promise<string> {
  const args = [...flags, 'update'];
  return run('apt-get', args, { timeoutMs: UPDATE_MS }).then(({ stderr }) => lastLines(stderr), reason);
}

function asFlags(options: readonly string[]): string[] {
  return options.flatMap((option) => ['-o', option]);
}

async function debFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder);
  return names.filter((name) => name.endsWith('.deb')).map((name) => join(folder, name));
}
