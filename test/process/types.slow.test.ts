import { execFileSync } from 'node:child_process';
import { cpSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createConsumer, IOREDIS_COPIES } from '../support/consumer.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const CONFIG = {
  compilerOptions: {
    target: 'es2022',
    lib: ['es2023', 'esnext.disposable'],
    module: 'nodenext',
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: ['node'],
  },
  include: ['*.ts', '*.cts'],
};

/** As strict as a consumer may be. ioredis' own types do not allow more in ordinary code. */
const EXACT = {
  compilerOptions: { ...CONFIG.compilerOptions, exactOptionalPropertyTypes: true },
  include: ['exact/*.ts'],
};

/** Compiles test/process/types in a consumer's folder and gives what tsc says. */
function compile(dir: string, config: object = CONFIG): string {
  cpSync(join(ROOT, 'test/process/types'), dir, { recursive: true });
  symlinkSync(join(ROOT, 'node_modules/@types'), join(dir, 'node_modules/@types'), 'junction');
  writeFileSync(join(dir, 'tsconfig.json'), JSON.stringify(config));
  try {
    return execFileSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', dir], {
      encoding: 'utf8',
    });
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

test.for(IOREDIS_COPIES)('ordinary ioredis code compiles against the drop-in, with %s', (copy) => {
  using consumer = createConsumer(copy);
  expect(compile(consumer.dir)).toBe('');
});

test.for(IOREDIS_COPIES)('options may be undefined, with exactOptionalPropertyTypes and %s', (copy) => {
  using consumer = createConsumer(copy);
  expect(compile(consumer.dir, EXACT)).toBe('');
});
