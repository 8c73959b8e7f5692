import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { getContainerRuntimeClient } from 'testcontainers';
import { run } from '../../support/redis/command.js';
import { findRedisBinary } from '../../support/redis/index.js';
import { dependencyFolders } from './dependencies.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const PROGRAMS = fileURLToPath(new URL('../programs', import.meta.url));
const LDD_MS = 10_000;

/** An image made of files of this machine: `/usr/bin/node`, `/usr/bin/redis-server`, and `/app` with ioredis and the programs. */
export interface Image extends AsyncDisposable {
  readonly name: string;
}

/** Builds the image and imports it into the engine, without a registry. @throws Error */
export async function importImage(name: string): Promise<Image> {
  const folder = await mkdtemp(join(tmpdir(), 'redis-hygiene-image-'));
  try {
    await fillFolder(folder);
    await importFolder(folder, name);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return { name, [Symbol.asyncDispose]: () => removeImage(name) };
}

/** Fills the folder with links. `tar` follows them, so the files need not be copied. */
async function fillFolder(folder: string): Promise<void> {
  const link = async (file: string, target: string) => {
    await mkdir(dirname(join(folder, target)), { recursive: true });
    await symlink(file, join(folder, target));
  };
  const redis = await findRedisBinary();
  await link(process.execPath, 'usr/bin/node');
  await link(redis.path, 'usr/bin/redis-server');
  const libraries = new Map([
    ...(await librariesOf(process.execPath, process.env)),
    ...(await librariesOf(redis.path, redis.env)),
  ]);
  for (const [target, file] of libraries) await link(file, target);
  for (const dependency of dependencyFolders(ROOT, 'ioredis')) {
    await link(join(ROOT, dependency), join('app', dependency));
  }
  await cp(PROGRAMS, join(folder, 'app', 'programs'), { recursive: true });
}

/** Libraries of a program, from their path in the image to their path on this machine. The dynamic loader keeps its path. */
async function librariesOf(file: string, env: NodeJS.ProcessEnv): Promise<Map<string, string>> {
  const { stdout } = await run('ldd', [file], { timeoutMs: LDD_MS, env });
  const files = Array.from(stdout.matchAll(/(?:=> |^\t)(\/\S+)/gm), ([, path = '']) => path);
  return new Map(files.map((path) => [path.includes('/ld-') ? path : join('lib', basename(path)), path]));
}

async function importFolder(folder: string, name: string): Promise<void> {
  const { container } = await getContainerRuntimeClient();
  const tar = spawn('tar', ['--create', '--dereference', '--directory', folder, '.'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(tar, 'close');
  const [repo = name, tag = 'latest'] = name.split(':');
  const changes = ['ENV LD_LIBRARY_PATH=/lib', 'WORKDIR /app'];
  const progress = await container.dockerode.importImage(tar.stdout, { repo, tag, changes });
  let log = '';
  for await (const chunk of progress) log += String(chunk);
  const [code] = await ended;
  if (code !== 0 || log.includes('"error"')) throw new Error(`The import failed: tar ${code}, ${log}`);
}

async function removeImage(name: string): Promise<void> {
  const { container } = await getContainerRuntimeClient();
  await container.dockerode.getImage(name).remove({ force: true });
}
