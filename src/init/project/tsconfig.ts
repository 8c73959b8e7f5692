import { dirname, isAbsolute, join, resolve } from 'node:path';
import { parseJsonc } from '../source/json.js';
import { above, isFile, readText } from './files.js';

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
