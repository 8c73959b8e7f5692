import { posix } from 'node:path';
import { runsOutput, runsSources } from '../project/entry.js';
import { moduleOf, type Language, type ModuleKind } from '../project/modules.js';
import type { Project } from '../project/project.js';
import { withoutComments } from '../source/mask.js';

const STEM = 'redis-hygiene';

/** Where the bootstrap stands: beside the entry, with an extension that says what it is where the package does not. */
export function bootstrapPath(
  project: Project,
  language: Language,
  module: ModuleKind,
  hasSrc: boolean,
): string {
  const { entry, manifest } = project;
  const folder = entry ? posix.dirname(entry.path) : hasSrc ? 'src' : '.';
  const own = /\.([cm]?)[jt]sx?$/.exec(entry?.path ?? '')?.[1] ?? '';
  const isOwn = moduleOf(project) === module;
  const isSaid =
    language === 'ts' || (manifest.type ?? 'commonjs') === (module === 'esm' ? 'module' : 'commonjs');
  const letter = isOwn && (own !== '' || isSaid) ? own : module === 'esm' ? 'm' : 'c';
  return posix.join(folder, `${STEM}.${letter}${language}`);
}

const RELATIVE = /\b(?:from|import|require\()\s*['"](\.{1,2}\/[^'"]+)['"]/g;

/** How the modules of a project name each other: by their own extension, by that of the output, or by none. */
function habit({ entry, tsconfig, manifest }: Project, module: ModuleKind): 'ts' | 'js' | 'none' {
  const seen = [...withoutComments(entry?.text ?? '').matchAll(RELATIVE)].map(([, name = '']) => name);
  const said = seen.flatMap((name) => /\.[cm]?([jt]s)x?$/.exec(name)?.[1] ?? []);
  if (said[0] !== undefined) return said[0] === 'ts' ? 'ts' : 'js';
  if (seen.some((name) => !/\.(?:json|css|svg|html|node|wasm)$/.test(name))) return 'none';
  if (runsSources(manifest) || tsconfig?.importsTs) return 'ts';
  if (module === 'commonjs') return 'none';
  const isBundled = tsconfig?.resolution === 'bundler' && !runsOutput(manifest);
  return isBundled ? 'none' : 'js';
}

/** How the entry names the bootstrap. */
export function specifierOf(project: Project, path: string, module: ModuleKind): string {
  const [, stem = '', letter = '', language = 'js'] = /([^/]+)\.([cm]?)([jt]s)$/.exec(path) ?? [];
  const style = habit(project, module);
  if (language === 'ts' && style === 'ts') return `./${stem}.${letter}ts`;
  if (letter !== '') return `./${stem}.${letter}js`; // nothing looks for those by itself
  return style === 'none' && (language === 'ts' || module === 'commonjs') ? `./${stem}` : `./${stem}.js`;
}
