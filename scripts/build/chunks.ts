import type { CodeSplittingGroup, Plugin } from 'rolldown';

/**
 * The files in which src is built, in dist/chunks, and their sources. Each file costs 0.3 ms, and each 50 kB another one.
 * What only one command of the command line needs is in a file of its own, without an entry here.
 */
export const CHUNKS: CodeSplittingGroup[] = [
  {
    name: 'core',
    test: /\/src\/(core\/(?!emitter|variables|warnings)|identity\/connection-name|ledger\/call-site|connect\/ioredis\/(load|mocked)-)|\/package\.json$|\/runtime\/|rolldown\/runtime/,
    priority: 2,
  },
  ...(['pool', 'sentinel', 'subscriber', 'connect/cluster', 'factory/health'] as const).map((folder) => ({
    name: folder.replace(/^\w+\//, ''),
    test: new RegExp(`/src/${folder}/`),
    priority: 1,
  })),
  {
    name: 'runtime',
    test: /\/src\/(core\/emitter|options|identity|ledger|liveness|connect\/(?!ioredis\/supported)|shutdown|factory)/,
  },
  { name: 'metrics', test: /\/src\/metrics\/(?!otel|prometheus)/ },
  { name: 'doctor', test: /\/src\/doctor\//, minShareCount: 2 },
];

/** Chunks that the first function which needs them loads. */
const LAZY = ['cluster', 'health', 'pool', 'runtime', 'sentinel', 'subscriber'];

/** Chunks from which these are loaded lazily. All others are loaded after them. */
const LOADERS = ['ioredis', 'register-runtime', 'runtime'];

/**
 * Loads chunks lazily: a service pays for a pool or a Cluster when it opens the first one. Rolldown writes
 * `const require_pool = require("./pool.cjs")` and `require_pool.createPool()`. The first becomes a function, and the
 * second calls it.
 */
export const lazyChunks: Plugin = {
  name: 'lazy-chunks',
  renderChunk(code, { name }) {
    if (!LOADERS.includes(name)) return null;
    return LAZY.reduce((text, chunk) => requireLazily(text, chunk), code);
  },
};

function requireLazily(code: string, chunk: string): string {
  const statement = new RegExp(`^const require_${chunk} = (require\\("[./\\w]*${chunk}\\.cjs"\\));$`, 'm');
  if (!statement.test(code)) return code;
  return code
    .replaceAll(`require_${chunk}.`, `require_${chunk}().`)
    .replace(statement, `let ${chunk}_chunk;\nconst require_${chunk} = () => ${chunk}_chunk ??= $1;`);
}
