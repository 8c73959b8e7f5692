import { dirname, isAbsolute, join, resolve } from 'node:path';
import { extname } from 'node:path/posix';
import { parseJsonc } from '../source/json-edit.js';
import { mask } from '../source/source-text.js';
import type { Manifest } from './manifest.js';
import { isFile, parentFolders, readText } from './project-files.js';

export type ModuleKind = 'esm' | 'commonjs';
export type Language = 'ts' | 'js';

/** Options of a tsconfig.json, merged with those of the files that it extends. Module names are in lower case. */
export interface TsConfig {
  readonly module: string | undefined;
  readonly resolution: string | undefined;
  readonly outDir: string | undefined;
  readonly rootDir: string | undefined;
  /** Whether imports may name `.ts` files. */
  readonly importsTs: boolean;
  readonly isVerbatim: boolean;
  /** Whether the file, or one that it extends, could not be read. */
  readonly isBroken: boolean;
}

/** The parts of a project that decide how its modules load each other. */
export interface ModuleFacts {
  readonly manifest: Manifest;
  readonly tsconfig: TsConfig | undefined;
  /** Path and text of the entry file, if there is one. */
  readonly entry: { readonly path: string; readonly text: string } | undefined;
}

/** Language of the entry file; without one, TypeScript if there is a tsconfig.json. */
export function languageOf({ entry, tsconfig }: ModuleFacts): Language {
  if (!entry) return tsconfig ? 'ts' : 'js';
  return /\.[cm]?tsx?$/.test(entry.path) ? 'ts' : 'js';
}

/** Extensions that decide the module kind alone. */
const KIND_BY_EXTENSION: Readonly<Record<string, ModuleKind>> = {
  '.mjs': 'esm',
  '.mts': 'esm',
  '.cjs': 'commonjs',
  '.cts': 'commonjs',
};

const IMPORT_OR_EXPORT = /^[ \t]*(?:import\b(?!\s*[(.])|export\b)/m;

const hasImportSyntax = (text: string) => IMPORT_OR_EXPORT.test(mask(text));

/**
 * Module kind that the entry file runs as. For a `.js` file in a package without a `type`, the syntax of the file
 * decides, as in Node.
 */
export function moduleKindOf(facts: ModuleFacts): ModuleKind {
  const { entry, manifest } = facts;
  const byExtension = KIND_BY_EXTENSION[extname(entry?.path ?? '')];
  if (byExtension) return byExtension;
  if (languageOf(facts) === 'ts') return compiledKindOf(facts);
  const isDecided = manifest.type !== undefined || !entry || isCompiledByBabel(manifest);
  if (isDecided) return manifest.type === 'module' ? 'esm' : 'commonjs';
  return hasImportSyntax(entry.text) ? 'esm' : 'commonjs';
}

/** Whether a script compiles the sources with Babel, so that a `.js` file with `import` runs as CommonJS. */
function isCompiledByBabel({ scripts }: Manifest): boolean {
  return Object.values(scripts).some((command) =>
    /(?:^|[\s/"'])(?:@?babel(?:-node)?)(?=[\s/"']|$)/.test(command),
  );
}

/** Module kind that a `.ts` file is compiled to, or runs as where Node strips its types. */
function compiledKindOf({ manifest, tsconfig }: ModuleFacts): ModuleKind {
  const module = tsconfig?.module ?? 'nodenext';
  if (/^(?:commonjs|umd|amd|none)$/.test(module)) return 'commonjs';
  if (/^node/.test(module)) return manifest.type === 'module' ? 'esm' : 'commonjs';
  return 'esm';
}

/** Whether the source of the entry file loads modules with `import`, even if it is compiled to CommonJS. */
export function usesImportSyntax(facts: ModuleFacts): boolean {
  const { entry } = facts;
  if (languageOf(facts) === 'ts') return true;
  if (!entry) return moduleKindOf(facts) === 'esm';
  return hasImportSyntax(entry.text) || moduleKindOf(facts) === 'esm';
}

/** Reads the tsconfig.json of a folder. `undefined` if there is none. */
export function readTsConfig(folder: string): TsConfig | undefined {
  if (!isFile(folder, 'tsconfig.json')) return undefined;
  const chain = readOptionsChain(join(folder, 'tsconfig.json'));
  const options: Readonly<Record<string, unknown>> = Object.assign({}, ...chain) as object as Record<
    string,
    unknown
  >;
  const textOf = (name: string) => (typeof options[name] === 'string' ? options[name] : undefined);
  return {
    module: textOf('module')?.toLowerCase(),
    resolution: textOf('moduleResolution')?.toLowerCase(),
    outDir: textOf('outDir'),
    rootDir: textOf('rootDir'),
    importsTs: [options['allowImportingTsExtensions'], options['rewriteRelativeImportExtensions']].includes(
      true,
    ),
    isVerbatim: options['verbatimModuleSyntax'] === true,
    isBroken: chain.includes(undefined),
  };
}

interface RawTsConfig {
  readonly extends?: unknown;
  readonly compilerOptions?: Readonly<Record<string, unknown>>;
}

/** Longest chain of `extends` that is followed. A longer one is taken for a circle. */
const MAX_EXTENDS_DEPTH = 8;

/**
 * Compiler options of a file and of all that it extends, in the order in which later ones win. `undefined` stands for
 * a file that could not be read.
 */
function readOptionsChain(file: string, depth = 0): readonly (RawTsConfig['compilerOptions'] | undefined)[] {
  try {
    const raw = parseJsonc(readText(file) ?? '') as RawTsConfig;
    const names = [raw.extends ?? []].flat().filter((name) => typeof name === 'string');
    const inherited = names.flatMap((name) => {
      const path = depth < MAX_EXTENDS_DEPTH ? resolveExtended(name, dirname(file)) : undefined;
      return path === undefined ? [undefined] : readOptionsChain(path, depth + 1);
    });
    return [...inherited, raw.compilerOptions ?? {}];
  } catch {
    return [undefined]; // becomes `isBroken`
  }
}

/** Path of the file that an `extends` names: relative, absolute, or in a package. */
function resolveExtended(name: string, folder: string): string | undefined {
  const isPath = name.startsWith('.') || isAbsolute(name);
  const bases = isPath
    ? [resolve(folder, name)]
    : [folder, ...parentFolders(folder)].map((parent) => join(parent, 'node_modules', name));
  return bases
    .flatMap((base) => [base, `${base}.json`, join(base, 'tsconfig.json')])
    .find((path) => isFile(path));
}
