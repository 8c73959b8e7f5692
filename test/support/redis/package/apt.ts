import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lastLines, run } from '../command.js';
import { reason } from '../errors.js';

const UPDATE_MS = 180_000;
const DOWNLOAD_MS = 180_000;
const UNPACK_MS = 60_000;
const SYSTEM_LISTS = '/var/lib/apt/lists';
const SYSTEM_STATUS = '/var/lib/dpkg/status';

/** apt with all of its state in a separate folder. State of the system is only read. */
interface PrivateApt {
  /** Downloads the packages and their dependencies according to the package lists. Resolves with the paths of the `.deb` files. */
  download(packages: readonly string[], lists: string): Promise<string[]>;
  /** Updates the package lists and downloads the packages. @throws Error with the warnings and errors of both steps */
  updateAndDownload(packages: readonly string[]): Promise<string[]>;
}

/**
 * Downloads packages and the dependencies that are not installed, without root. apt determines the dependencies from the
 * list of installed packages, so no list of libraries has to be updated for new releases of Debian. Resolves with the
 * paths of the `.deb` files.
 *
 * @param onStep Called with one line before the package lists are downloaded.
 */
export async function downloadPackages(
  folder: string,
  packages: readonly string[],
  onStep?: (line: string) => void,
): Promise<string[]> {
  const apt = await privateApt(folder, [`Dir::State::status=${SYSTEM_STATUS}`]);
  // The package lists of the system save a download of 10 MB, but they are empty in a fresh image and may be outdated.
  return apt.download(packages, SYSTEM_LISTS).catch((first: unknown) => {
    onStep?.('The package lists of this system are missing or outdated. Downloading them, about 10 MB');
    return apt.updateAndDownload(packages).catch((second: unknown) => {
      throw new Error(`${reason(first)}; then ${reason(second)}`);
    });
  });
}

/**
 * Downloads packages and all of their dependencies, including the C library, only from the archives in these lines of a
 * sources.list. Only files that apt has verified are used, also if the settings of the system allow others.
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
    // The pins of the system are made for the release of the system.
    'Dir::Etc::preferences=/dev/null',
    'Dir::Etc::preferencesparts=/dev/null',
    'APT::Get::AllowUnauthenticated=false',
    'Acquire::AllowInsecureRepositories=false',
  ]);
  await Promise.all([writeFile(list, sources.join('\n') + '\n'), writeFile(status, '')]);
  return apt.updateAndDownload(packages);
}

/** Unpacks a package without installing it. No scripts run, and nothing outside of `root` changes. */
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
    // --reinstall, because redis-server is a link into redis-tools, which may already be installed.
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
    // Only root may take the locks of the system.
    'Debug::NoLocking=1',
    // If run by root, apt would switch to the user _apt, which cannot write to the folder.
    'APT::Sandbox::User=root',
  ];
}

/** Disables the hooks of the system after an update. In Debian's images they delete downloaded packages. */
const NO_HOOKS = ['Pre-Invoke', 'Post-Invoke', 'Post-Invoke-Success']
  .map((hook) => `#clear APT::Update::${hook};\n`)
  .join('');

/** Short timeouts, so that the download fails within seconds on a machine without network. */
const IMPATIENT = [
  'Acquire::Retries=1',
  'Acquire::http::Timeout=15',
  'Acquire::https::Timeout=15',
  'Acquire::Languages=none',
];

/**
 * Returns the warnings and errors of apt instead of failing. The exit code is not useful: one unreachable third-party
 * source makes it non-zero, and without any network it is 0. Success shows in the download afterwards.
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
