import { build } from 'esbuild';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const bundles = { preload: 'main.js', runtime: 'runtime.js' } as const;
/** What `package.json` exports. */
const ENTRY = /^index\./;

/**
 * Makes one file each of what the preload runs at once, and of what it runs with the first client. A hundred small
 * modules cost a program 60 ms at its start, these two files some 15.
 *
 * @param dist The folder into which src has been compiled.
 */
export async function bundlePreload(dist: string): Promise<void> {
  const folder = join(dist, 'register');
  await build({
    entryPoints: Object.fromEntries(
      Object.entries(bundles).map(([name, file]) => [name, join(folder, file)]),
    ),
    outdir: folder,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'cjs',
    target: 'node18',
    sourcemap: true,
    sourcesContent: false, // src is in the package
    logLevel: 'warning',
    // In CommonJS a module has no URL of its own but that of its file.
    banner: { js: "const moduleUrl = require('node:url').pathToFileURL(__filename).href;" },
    define: { 'import.meta.url': 'moduleUrl' },
  });

  // Their parts are in them now.
  for (const file of readdirSync(folder)) {
    if (!ENTRY.test(file) && !file.includes('.cjs')) rmSync(join(folder, file));
  }
}
