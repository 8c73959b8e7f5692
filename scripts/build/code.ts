import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown, type OutputChunk, type Plugin } from 'rolldown';
import { CHUNKS, lazyChunks } from './chunks.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The files that are loaded by name, and their sources: the entry points of package.json, and the preload's second part. */
const ENTRIES = {
  index: 'src/index.ts',
  ioredis: 'src/dropin/index.ts',
  fastify: 'src/adapters/fastify/index.ts',
  express: 'src/adapters/express/index.ts',
  nestjs: 'src/adapters/nestjs/index.ts',
  bullmq: 'src/adapters/bullmq/index.ts',
  eslint: 'src/eslint/index.ts',
  otel: 'src/metrics/otel.ts',
  prometheus: 'src/metrics/prometheus.ts',
  register: 'src/register/index.ts',
  'register-runtime': 'src/register/runtime.ts',
  testing: 'src/testing/index.ts',
  cli: 'src/cli/bin.ts',
};

/** Packages that a service installs, optional ones included. All others are built in. */
const INSTALLED =
  /^(ioredis|eventemitter3|generic-pool|close-with-grace|prom-client|@opentelemetry\/api|fastify|@nestjs\/\w+|bullmq|redis-hygiene)(\/|$)/;

/** Of package.json, src uses the name and the version. */
const ownPackage: Plugin = {
  name: 'own-package',
  transform: {
    filter: { id: join(ROOT, 'package.json') },
    handler(text) {
      const { name, version } = JSON.parse(text) as { name: string; version: string };
      return JSON.stringify({ name, version });
    },
  },
};

/**
 * A plain `require()` instead of the one that ES modules have to create: that of the file itself, which bundlers follow and
 * test runners replace.
 */
const plainRequire: Plugin = {
  name: 'plain-require',
  transform: {
    filter: { code: 'createRequire(import.meta.url)' },
    handler: (text) => text.replace('const require = createRequire(import.meta.url);\n', ''),
  },
};

/** Builds src into CommonJS files, and returns them. */
export async function buildCode(dist: string): Promise<readonly OutputChunk[]> {
  const build = await rolldown({
    cwd: ROOT,
    input: ENTRIES,
    platform: 'node',
    checks: { mixedExports: false }, // the plugin of Fastify has a default export too, as its users expect
    external: [INSTALLED, './register-runtime.cjs'],
    makeAbsoluteExternalsRelative: false,
    preserveEntrySignatures: 'allow-extension',
    plugins: [ownPackage, plainRequire, lazyChunks],
    transform: { target: 'node20' },
    treeshake: { moduleSideEffects: [{ external: true, sideEffects: false }] },
  });
  const { output } = await build.write({
    dir: dist,
    format: 'cjs',
    exports: 'auto',
    entryFileNames: '[name].cjs',
    chunkFileNames: 'chunks/[name].cjs',
    codeSplitting: { groups: CHUNKS, includeDependenciesRecursively: false },
  });
  await build.close();
  return output.filter((file) => file.type === 'chunk');
}
