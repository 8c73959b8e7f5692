import * as ioredis from 'ioredis';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(import.meta.url);

/** Entry points that have named exports only, and the variable by which their ES modules know the CommonJS file. */
const NAMED = [
  ['index', 'hygiene'],
  ['express', 'express'],
  ['nestjs', 'nestjs'],
  ['bullmq', 'bullmq'],
  ['otel', 'otel'],
  ['prometheus', 'prometheus'],
  ['testing', 'testing'],
] as const;

/**
 * Writes an ES module for each entry point. It exports what the CommonJS file has, so that a process loads the
 * implementation once, whether it uses `import`, `require()` or both.
 */
export function writeEsModules(dist: string): void {
  const write = (file: string, ...lines: string[]) =>
    writeFileSync(join(dist, file), `${lines.join('\n')}\n`);

  for (const [name, variable] of NAMED) {
    const names = Object.keys(require(join(dist, `${name}.cjs`)) as object);
    write(`${name}.js`, `import ${variable} from './${name}.cjs';`, exportNames(variable, names));
    write(`${name}.d.ts`, `export * from './${name}.cjs';`);
  }

  const dropInNames = [...exportsOfIoredis(), 'configure', 'defaultFactory'];
  write(
    'ioredis.js',
    "import ioredis from './ioredis.cjs';",
    exportNames('ioredis', dropInNames),
    'export default ioredis;',
  );
  write(
    'ioredis.d.ts',
    "export * from './ioredis.cjs';",
    "export { Redis as default } from './ioredis.cjs';",
  );

  write(
    'fastify.js',
    "import fastify from './fastify.cjs';",
    'export const { redisHygiene } = fastify;',
    'export default redisHygiene;',
  );
  write(
    'fastify.d.ts',
    "export * from './fastify.cjs';",
    "export { redisHygiene as default } from './fastify.cjs';",
  );

  write('eslint.js', "export { default } from './eslint.cjs';");
  write('eslint.d.ts', "export { default } from './eslint.cjs';");

  write('register.js', "import './register.cjs';");
  for (const types of ['register.d.ts', 'register.d.cts']) write(types, 'export {};');
}

/** The named exports that ES modules find in ioredis. Both majors have the same. */
function exportsOfIoredis(): readonly string[] {
  const ofEveryModule = ['default', '__esModule', 'module.exports'];
  return Object.keys(ioredis).filter((name) => !ofEveryModule.includes(name));
}

/** An export of each property of a CommonJS module. */
function exportNames(module: string, names: readonly string[]): string {
  return `export const { ${names.toSorted().join(', ')} } = ${module};`;
}
