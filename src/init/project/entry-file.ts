import { join, posix } from 'node:path';
import type { Manifest } from './manifest.js';
import type { TsConfig } from './module-system.js';
import { isFile } from './project-files.js';

/** Where a service usually starts, the likeliest first. */
const FOLDERS = ['src/', ''];
const NAMES = ['main', 'index', 'server', 'app', 'worker', 'start'];
const EXTENSIONS = ['ts', 'mts', 'cts', 'js', 'mjs', 'cjs'];

const SOURCES: Readonly<Record<string, readonly string[]>> = {
  js: ['ts', 'tsx', 'js'],
  mjs: ['mts', 'mjs'],
  cjs: ['cts', 'cjs'],
};

/** Which scripts start the service, and not its tests or its build. */
const STARTS = ['start', 'start:prod', 'start:dev', 'dev', 'serve', 'develop'];

/** A file that a command names: `node --import x dist/main.js`, `tsx watch src/index.ts`. */
const FILE = /(?:^|[\s"'])((?:\.\/)?[\w@./-]+?(?:\.[cm]?[jt]s)?)(?=$|[\s"';&|])/g;

function filesOf(command: string): readonly string[] {
  if (/\bnest start\b/.test(command)) return ['src/main.ts'];
  const runner = /\b(?:node|nodemon|tsx|ts-node|ts-node-dev|bun|pm2-runtime|node-dev|swc-node)\b(.*)/s.exec(
    command,
  );
  const words = [...(runner?.[1] ?? '').matchAll(FILE)].map(([, word = '']) => word);
  return words.filter((word) => /[./]/.test(word) || NAMES.includes(word));
}

/** The files that may have been meant by one: built from a source, or without its extension. */
function meant(file: string, tsconfig: TsConfig | undefined): readonly string[] {
  const path = posix.normalize(file.replaceAll('\\', '/'));
  const out = posix.normalize(`${tsconfig?.outDir ?? 'dist'}/`);
  const bare = path.startsWith(out) ? path.slice(out.length) : undefined;
  const inSource = bare === undefined ? [] : [...FOLDERS.map((folder) => `${folder}${bare}`), bare];
  const all = bare === undefined ? [path] : [...inSource, path];
  return all.flatMap((one) => {
    const [, stem = one, extension] = /^(.*)\.([cm]?[jt]sx?)$/.exec(one) ?? [];
    const own = bare === undefined && extension !== undefined ? [one] : [];
    const others = extension === undefined ? EXTENSIONS : (SOURCES[extension] ?? [extension]);
    const tried = [...own, ...others.map((other) => `${stem}.${other}`)];
    return extension === undefined
      ? [...tried, ...EXTENSIONS.map((other) => `${one}/index.${other}`)]
      : tried;
  });
}

const isOutput = (file: string, tsconfig: TsConfig | undefined) =>
  [tsconfig?.outDir ?? 'dist', 'dist', 'build', 'lib', 'out']
    .map((folder) => posix.normalize(`${folder}/`))
    .some((folder) => folder !== './' && posix.normalize(file).startsWith(folder)) && tsconfig !== undefined;

/** The file that a service starts with, from its folder: of its start script, else its `main`, else of the usual name. */
export function findEntry(folder: string, manifest: Manifest, tsconfig?: TsConfig): string | undefined {
  const commands = STARTS.flatMap((name) => manifest.scripts[name] ?? []);
  const named = [...commands.flatMap(filesOf), ...(manifest.main === undefined ? [] : [manifest.main])];
  const usual = FOLDERS.flatMap((at) =>
    NAMES.flatMap((name) => EXTENSIONS.map((extension) => `${at}${name}.${extension}`)),
  );
  return [...named.flatMap((file) => meant(file, tsconfig)), ...usual]
    .filter((file) => !file.startsWith('../') && !isOutput(file, tsconfig))
    .map((file) => posix.normalize(file))
    .find((file) => isFile(join(folder, file)));
}

/** Whether a script has node itself run the sources, types stripped. */
export function runsSources({ scripts }: Manifest): boolean {
  return STARTS.some(
    (name) =>
      /(?:^|\s)node\s[^&|;]*\.[cm]?ts\b/.test(scripts[name] ?? '') &&
      !/tsx|ts-node|swc/.test(scripts[name] ?? ''),
  );
}

/** Whether a script has node run what is there, or what a compiler made of it: no bundler looks for the files then. */
export function runsOutput({ scripts }: Manifest): boolean {
  return STARTS.some((name) => /(?:^|\s)node\s/.test(scripts[name] ?? ''));
}
