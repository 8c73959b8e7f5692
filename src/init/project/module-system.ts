import { dirname, isAbsolute, join, resolve } from 'node:path';
import { extname } from 'node:path/posix';
import { parseJsonc } from '../source/json-edit.js';
import { mask } from '../source/source-text.js';
import type { Manifest } from './manifest.js';
import { above, isFile, readText } from './project-files.js';

export type ModuleKind = 'esm' | 'commonjs';
export type Language = 'ts' | 'js';

/** The parts of a project that decide how its modules load each other. */
export interface ModuleFacts {
  readonly manifest: Manifest;
  readonly tsconfig: TsConfig | undefined;
  /** Name and text of the entry, where there is one. */
  readonly entry: { readonly path: string; readonly text: string } | undefined;
}

const IMPORTS = /^[ \t]*(?:import\b(?!\s*[(.])|export\b)/m;

/** Extensions that say it all. */
const FIXED: Readonly<Record<string, ModuleKind>> = {
  '.mjs': 'esm',
  '.mts': 'esm',
  '.cjs': 'commonjs',
  '.cts': 'commonjs',
};

export function languageOf({ entry, tsconfig }: ModuleFacts): Language {
  if (!entry) return tsconfig ? 'ts' : 'js';
  return /\.[cm]?tsx?$/.test(entry.path) ? 'ts' : 'js';
}

/** What a compiler, or Node's type stripping, makes of a `.ts` file. */
function compiledKind({ manifest, tsconfig }: ModuleFacts): ModuleKind {
  const module = tsconfig?.module ?? 'nodenext';
  if (/^(?:commonjs|umd|amd|none)$/.test(module)) return 'commonjs';
  if (/^node/.test(module)) return manifest.type === 'module' ? 'esm' : 'commonjs';
  return 'esm';
}

/** How the entry is loaded; a `.js` of a package that does not say so tells by its first statement, as in Node. */
export function moduleOf(facts: ModuleFacts): ModuleKind {
  const { entry, manifest } = facts;
  const fixed = FIXED[extname(entry?.path ?? '')];
  if (fixed) return fixed;
  if (languageOf(facts) === 'ts') return compiledKind(facts);
  if (manifest.type !== undefined || !entry) return manifest.type === 'module' ? 'esm' : 'commonjs';
  return IMPORTS.test(mask(entry.text)) ? 'esm' : 'commonjs';
}

/** Whether the entry says `import`, be it compiled or not. */
export function saysImport(facts: ModuleFacts): boolean {
  const { entry } = facts;
  if (languageOf(facts) === 'ts') return true;
  if (!entry) return moduleOf(facts) === 'esm';
  return IMPORTS.test(mask(entry.text)) || moduleOf(facts) === 'esm';
}

/** What is read of a tsconfig.json, and of those it extends. Names are in lower case. */
export interface TsConfig {
  readonly module: string | undefined;
  readonly resolution: string | undefined;
  readonly outDir: string | undefined;
  readonly rootDir: string | undefined;
  readonly importsTs: boolean;
  readonly isVerbatim: boolean;
  /** It could not be read whole. */
  readonly isBroken: boolean;
}

interface Raw {
  readonly extends?: unknown;
  readonly compilerOptions?: Readonly<Record<string, unknown>>;
}

/** Longer chains are somebody's circle. */
const MAX_DEPTH = 8;

function extended(name: string, folder: string): string | undefined {
  const isPath = name.startsWith('.') || isAbsolute(name);
  const bases = isPath
    ? [resolve(folder, name)]
    : [folder, ...above(folder)].map((one) => join(one, 'node_modules', name));
  return bases
    .flatMap((base) => [base, `${base}.json`, join(base, 'tsconfig.json')])
    .find((path) => isFile(path));
}

/** The options of a file over those that it extends. `undefined` in the list stands for a file that could not be read. */
function layers(file: string, depth = 0): readonly (Raw['compilerOptions'] | undefined)[] {
  try {
    const raw = parseJsonc(readText(file) ?? '') as Raw;
    const names = [raw.extends ?? []].flat().filter((name) => typeof name === 'string');
    const below = names.flatMap((name) => {
      const path = depth < MAX_DEPTH ? extended(name, dirname(file)) : undefined;
      return path === undefined ? [undefined] : layers(path, depth + 1);
    });
    return [...below, raw.compilerOptions ?? {}];
  } catch {
    return [undefined]; // told by `isBroken`
  }
}

/** `undefined` where a folder has no tsconfig.json. */
export function readTsConfig(folder: string): TsConfig | undefined {
  if (!isFile(folder, 'tsconfig.json')) return undefined;
  const found = layers(join(folder, 'tsconfig.json'));
  const options: Readonly<Record<string, unknown>> = Object.assign({}, ...found) as object as Record<
    string,
    unknown
  >;
  const text = (name: string) => (typeof options[name] === 'string' ? options[name] : undefined);
  return {
    module: text('module')?.toLowerCase(),
    resolution: text('moduleResolution')?.toLowerCase(),
    outDir: text('outDir'),
    rootDir: text('rootDir'),
    importsTs: [options['allowImportingTsExtensions'], options['rewriteRelativeImportExtensions']].includes(
      true,
    ),
    isVerbatim: options['verbatimModuleSyntax'] === true,
    isBroken: found.includes(undefined),
  };
}
