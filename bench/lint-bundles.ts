import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import type { SourceFile } from './lint-files.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

interface BundleOptions {
  readonly packages: readonly string[];
  readonly minify: boolean;
}

/** Bundles packages into one file, as a service that is deployed as a single file does. */
async function bundle({ packages, minify }: BundleOptions): Promise<string> {
  const modules = packages.map((name) => `require('${name}')`).join(', ');
  const build = await rolldown({
    input: 'entry',
    cwd: ROOT,
    platform: 'node',
    external: [/valkey-glide/], // a binary file
    logLevel: 'silent',
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === 'entry' ? '\0entry' : undefined),
        load: (id) => (id === '\0entry' ? `console.log('redis', [${modules}]);` : undefined),
      },
    ],
  });
  const { output } = await build.generate({ format: 'cjs', minify, codeSplitting: false });
  return output[0].code;
}

const REDIS_PACKAGES = ['bullmq', 'redis', 'ioredis'];

/** A minified bundle of 3 MB and one that is not minified, each with "redis" in it. */
export async function generateBundles(): Promise<readonly SourceFile[]> {
  const packages = [...REDIS_PACKAGES, 'express', 'fastify', '@nestjs/core'];
  return [
    { name: 'minified.cjs', code: await bundle({ packages, minify: true }) },
    { name: 'bundled.cjs', code: await bundle({ packages: REDIS_PACKAGES, minify: false }) },
  ];
}
