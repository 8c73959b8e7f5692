import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { useRedis } from '../support/use-redis.js';
import { expectRightService, runService } from './rig/bundled-service.js';
import { useProject } from './rig/project.js';

const redis = useRedis();
const project = useProject('bundlers');

interface Bundler {
  readonly packageName: string;
  readonly name: string;
  readonly script: string;
  /** Files that contain ioredis. */
  readonly bundled: readonly string[];
  /** Files that load the installed ioredis. */
  readonly external: readonly string[];
  readonly tried: string;
  readonly note?: string;
}

const BUNDLERS: readonly Bundler[] = [
  {
    packageName: 'esbuild',
    name: 'esbuild',
    script: 'build/esbuild.js',
    bundled: ['bundled.cjs', 'bundled.mjs'],
    external: ['external.cjs', 'external.mjs'],
    tried: 'CommonJS and ES modules, plain and minified',
    note: 'ES modules need a banner that defines `require`, as for all CommonJS packages',
  },
  {
    packageName: 'webpack',
    name: 'webpack',
    script: 'build/webpack.js',
    bundled: ['bundled.cjs'],
    external: ['external.cjs'],
    tried: 'CommonJS, plain and minified',
  },
  {
    packageName: 'rollup',
    name: 'rollup',
    script: 'build/rollup.js',
    bundled: ['bundled.mjs'],
    external: ['external.cjs', 'external.mjs'],
    tried: 'CommonJS and ES modules',
    note: "with the plugins node-resolve, commonjs and json; external is `['ioredis']`, not a pattern that matches ioredis/package.json too",
  },
  ...['vite', 'vite7'].map((packageName) => ({
    packageName,
    name: 'Vite',
    script: 'build/vite.js',
    bundled: ['bundled.mjs'],
    external: ['external.mjs'],
    tried: 'SSR build, plain and minified',
    note: 'with redis-hygiene in `ssr.noExternal`; by default, Vite bundles neither',
  })),
];

/** Copies a file to a folder that has no node_modules. */
function copyAlone(file: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'redis-hygiene-alone-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const copy = join(folder, basename(file));
  copyFileSync(file, copy);
  return copy;
}

test.for(BUNDLERS)('a service that is bundled by $packageName', async (bundler, { task }) => {
  const { packageName, name, script, bundled, external, tried, note } = bundler;
  const { code, stdout, stderr } = await project.run('node', [script, packageName]);
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: '' });
  const fileOf = (file: string) => join(project.dir, 'out', packageName, file);
  const env = { REDIS_URL: redis.server.url };

  for (const file of [...bundled.map(fileOf).map(copyAlone), ...external.map(fileOf)]) {
    const report = await runService(file, env);
    expectRightService(report);
    expect(report.errors).toEqual([]);
  }

  // A library that is not bundled loads the installed ioredis, which is another copy than a bundled one.
  const withLibrary = { ...env, LIBRARY: join(project.dir, 'library.cjs') };
  for (const file of bundled) {
    const { errors } = await runService(fileOf(file), withLibrary);
    expect(errors).toEqual([
      { code: 'HYG_IOREDIS_COPIES', message: expect.stringContaining('node_modules/ioredis/built/index.js') },
    ]);
  }
  for (const file of external) expect((await runService(fileOf(file), withLibrary)).errors).toEqual([]);

  const loader = `${name} ${project.versionOf(packageName)}`;
  task.meta.loader = { kind: 'bundler', loader, tried: `${tried}, ioredis bundled and external`, note };
});

test('with source maps, call sites are lines of the sources', async () => {
  await project.run('node', ['build/esbuild.js']);
  const report = await runService(join(project.dir, 'out/esbuild/mapped.cjs'), {
    REDIS_URL: redis.server.url,
    NODE_OPTIONS: '--enable-source-maps',
  });
  expectRightService(report);
  for (const { callSite } of report.connections) expect(callSite[0]).toContain('src/service.js:');
});
