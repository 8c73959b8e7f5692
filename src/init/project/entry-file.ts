import { join, posix } from 'node:path';
import type { Manifest } from './manifest.js';
import type { TsConfig } from './module-system.js';
import { isFile, readText } from './project-files.js';
import { withoutComments } from '../source/source-text.js';

/** Usual folders, names and extensions of an entry file, most likely first. */
const FOLDERS = ['src/', ''];
const NAMES = ['main', 'index', 'server', 'app', 'worker', 'start'];
const EXTENSIONS = ['ts', 'mts', 'cts', 'js', 'mjs', 'cjs'];

/** Scripts that start the service, and not its tests or its build. */
const START_SCRIPTS = ['start', 'start:prod', 'start:dev', 'dev', 'serve', 'develop'];

/** Names of files that start a service for its developer only. */
const DEVELOPMENT_FILE = /(?:^|\/)(?:dev|develop|development|local|watch|debug)(?:\.[cm]?[jt]sx?)?$/;

/**
 * Path of the file that a service starts with, relative to its folder: the one that a start script names, else the
 * `main` of package.json, else the first of the usual names, else the file of a start script for development only.
 */
export function findEntry(folder: string, manifest: Manifest, tsconfig?: TsConfig): string | undefined {
  const started = START_SCRIPTS.flatMap((name) => filesOf(manifest.scripts[name] ?? ''));
  const main = manifest.main === undefined ? [] : [manifest.main];
  const usual = FOLDERS.flatMap((parent) =>
    NAMES.flatMap((name) => EXTENSIONS.map((extension) => `${parent}${name}.${extension}`)),
  );
  const sourcesOf = (files: readonly string[]) => files.flatMap((file) => sourceCandidates(file, tsconfig));
  const isEntry = (file: string) =>
    !file.startsWith('../') && !isOutput(file, tsconfig) && isFile(join(folder, file));
  const find = (files: readonly string[], isAccepted = isEntry) =>
    files.map((file) => posix.normalize(file)).find(isAccepted);
  return (
    find(sourcesOf(started.filter((file) => !DEVELOPMENT_FILE.test(file)))) ??
    find([...sourcesOf(main), ...usual], (file) => isEntry(file) && !isBarrel(join(folder, file))) ??
    find(sourcesOf(started))
  );
}

/** A statement that only hands on the exports of another module. */
const REEXPORT =
  /\bexport\s*(?:type\s*)?(?:\*(?:\s*as\s+\w+)?|\{[^{}]*\})\s*from\s*(['"])[^'"\n]*\1[ \t]*;?/g;

/** Whether a file only hands on exports of others, such as the components of a folder. Nothing starts with it. */
function isBarrel(file: string): boolean {
  const code = withoutComments(readText(file) ?? '').replace(/^\s*(['"])use \w+\1;?/, '');
  return code.trim() !== '' && code.replaceAll(REEXPORT, '').trim() === '';
}

/** Matches a file in a command: `node --import x dist/main.js`, `tsx watch src/index.ts`. */
const FILE_ARGUMENT = /(?:^|[\s"'])((?:\.\/)?[\w@./-]+?(?:\.[cm]?[jt]s)?)(?=$|[\s"';&|])/g;

/** Files that a command of a script runs. */
function filesOf(command: string): readonly string[] {
  if (/\bnest start\b/.test(command)) return ['src/main.ts'];
  const runner = /\b(?:node|nodemon|tsx|ts-node|ts-node-dev|bun|pm2-runtime|node-dev|swc-node)\b(.*)/s.exec(
    command,
  );
  const words = [...(runner?.[1] ?? '').matchAll(FILE_ARGUMENT)].map(([, word = '']) => word);
  return words.filter((word) => /[./]/.test(word) || NAMES.includes(word));
}

/** Extensions of the sources that a compiled file may come from, most likely first. */
const SOURCE_EXTENSIONS: Readonly<Record<string, readonly string[]>> = {
  js: ['ts', 'tsx', 'js'],
  mjs: ['mts', 'mjs'],
  cjs: ['cts', 'cjs'],
};

/** Source files that a file of a script may stand for: it may be compiled, lack its extension, or be a folder. */
function sourceCandidates(file: string, tsconfig: TsConfig | undefined): readonly string[] {
  const path = posix.normalize(file.replaceAll('\\', '/'));
  const output = posix.normalize(`${tsconfig?.outDir ?? 'dist'}/`);
  const inOutput = path.startsWith(output) ? path.slice(output.length) : undefined;
  const paths =
    inOutput === undefined ? [path] : [...FOLDERS.map((folder) => `${folder}${inOutput}`), inOutput, path];
  return paths.flatMap((candidate) => {
    const [, stem = candidate, extension] = /^(.*)\.([cm]?[jt]sx?)$/.exec(candidate) ?? [];
    const asNamed = inOutput === undefined && extension !== undefined ? [candidate] : [];
    const extensions = extension === undefined ? EXTENSIONS : (SOURCE_EXTENSIONS[extension] ?? [extension]);
    const files = [...asNamed, ...extensions.map((other) => `${stem}.${other}`)];
    return extension === undefined
      ? [...files, ...EXTENSIONS.map((other) => `${candidate}/index.${other}`)]
      : files;
  });
}

/** Whether a file lies in a folder of compiled output. */
const isOutput = (file: string, tsconfig: TsConfig | undefined) =>
  [tsconfig?.outDir ?? 'dist', 'dist', 'build', 'lib', 'out']
    .map((folder) => posix.normalize(`${folder}/`))
    .some((folder) => folder !== './' && posix.normalize(file).startsWith(folder)) && tsconfig !== undefined;

/** Whether a script has Node run TypeScript sources itself, with their types stripped. */
export function runsSources({ scripts }: Manifest): boolean {
  return START_SCRIPTS.some(
    (name) =>
      /(?:^|\s)node\s[^&|;]*\.[cm]?ts\b/.test(scripts[name] ?? '') &&
      !/tsx|ts-node|swc/.test(scripts[name] ?? ''),
  );
}

/** Whether a script runs Node on sources or compiled output, without a bundler that would resolve imports. */
export function runsOutput({ scripts }: Manifest): boolean {
  return START_SCRIPTS.some((name) => /(?:^|\s)node\s/.test(scripts[name] ?? ''));
}
