import { extname } from 'node:path/posix';
import { mask } from '../source/mask.js';
import type { Manifest } from './manifest.js';
import type { TsConfig } from './tsconfig.js';

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
