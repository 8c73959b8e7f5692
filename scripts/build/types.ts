import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rollup, type Plugin } from 'rollup';
import { dts } from 'rollup-plugin-dts';

const SRC = fileURLToPath(new URL('../../src', import.meta.url));

/** Builds the types of each entry point for `require()`, one file each. The types for `import` re-export them. */
export async function buildTypes(dist: string): Promise<void> {
  await buildEntry('index.ts', join(dist, 'index.d.cts'));
  await buildEntry('dropin/types.ts', join(dist, 'ioredis.d.cts'), [factoryTypes]);
  await buildEntry('metrics/otel.ts', join(dist, 'otel.d.cts'));
  await buildEntry('metrics/prometheus.ts', join(dist, 'prometheus.d.cts'));
  await buildEntry('testing/index.ts', join(dist, 'testing.d.cts'), [connectionTypes]);
  for (const name of ['fastify', 'express', 'nestjs', 'bullmq']) {
    await buildEntry(`adapters/${name}/index.ts`, join(dist, `${name}.d.cts`), [factoryTypes]);
  }
  await buildEntry('eslint/index.ts', join(dist, 'eslint.d.cts'));
  replaceInFile(join(dist, 'eslint.d.cts'), 'export { plugin as default };', 'export = plugin;');
}

/** Takes types of these modules from the main entry point, so that they are declared once. */
function fromMainEntry(...modules: readonly string[]): Plugin {
  return {
    name: 'from-main-entry',
    resolveId: (id) =>
      modules.some((module) => id.endsWith(module)) ? { id: './index.cjs', external: true } : null,
  };
}

const factoryTypes = fromMainEntry(
  '/factory/factory.js',
  '/factory/health/health.js',
  '/factory/health/health-report.js',
  '/options/factory-options.js',
  '/connect/client/client-factory.js',
);
const connectionTypes = fromMainEntry('/ledger/connection.js');

async function buildEntry(source: string, file: string, plugins: readonly Plugin[] = []): Promise<void> {
  const build = await rollup({
    input: join(SRC, source),
    external: [/^[^./]/],
    plugins: [...plugins, dts({ tsconfig: join(SRC, 'tsconfig.json') })],
  });
  await build.write({ file, format: 'es' });
  await build.close();
}

/** @throws Error if the file does not contain the text */
function replaceInFile(file: string, text: string, replacement: string): void {
  const content = readFileSync(file, 'utf8');
  if (!content.includes(text)) throw new Error(`${file} does not contain ${text}`);
  writeFileSync(file, content.replace(text, replacement));
}
