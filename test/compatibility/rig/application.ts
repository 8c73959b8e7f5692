import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installLibraries, type Major } from './install.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const PROGRAMS = fileURLToPath(new URL('../programs', import.meta.url));

/** An application in a temporary folder, which has all libraries, one copy of ioredis, and the package as it is published. */
export interface Application extends Disposable {
  readonly dir: string;
  readonly major: Major;
  /** Version of an installed package. */
  versionOf(packageName: string): string;
  /** Folders of the copies of ioredis in its tree. */
  copiesOfIoredis(): readonly string[];
}

/** Creates the application. Its programs are those of test/compatibility/programs. */
export async function createApplication(major: Major): Promise<Application> {
  const installed = join(await installLibraries(major), 'node_modules');
  const dir = mkdtempSync(join(tmpdir(), 'redis-hygiene-compatibility-'));
  const modules = join(dir, 'node_modules');
  mkdirSync(modules);
  for (const name of readdirSync(installed)) {
    if (!name.startsWith('.')) symlinkSync(join(installed, name), join(modules, name), 'junction');
  }
  installPackage(modules);
  cpSync(PROGRAMS, dir, { recursive: true });
  writeFileSync(join(dir, 'package.json'), JSON.stringify({ name: 'application', type: 'module' }));

  return {
    dir,
    major,
    versionOf(packageName) {
      const manifest = readFileSync(join(installed, packageName, 'package.json'), 'utf8');
      return (JSON.parse(manifest) as { version: string }).version;
    },
    copiesOfIoredis() {
      const lock = JSON.parse(readFileSync(join(installed, '.package-lock.json'), 'utf8')) as {
        packages: Record<string, unknown>;
      };
      return Object.keys(lock.packages).filter((folder) => folder.endsWith('node_modules/ioredis'));
    },
    [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }),
  };
}

/** Installs what would be published, as copies: its `require('ioredis')` has to find the copy of the application. */
function installPackage(modules: string): void {
  const own = join(modules, 'redis-hygiene');
  mkdirSync(own);
  cpSync(join(ROOT, 'dist'), join(own, 'dist'), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(own, 'package.json'));
  for (const name of ['eventemitter3', 'close-with-grace', 'generic-pool']) {
    const link = join(own, 'node_modules', name);
    mkdirSync(join(own, 'node_modules'), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), link, 'junction');
  }
}
