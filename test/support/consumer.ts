import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Copies of ioredis under test, by their folder in node_modules. */
export const IOREDIS_COPIES = ['ioredis', 'ioredis5'] as const;
export type IoredisCopy = (typeof IOREDIS_COPIES)[number];

/** An application in a temporary folder, with redis-hygiene and one major of ioredis installed. */
export interface Consumer extends Disposable {
  readonly dir: string;
}

function link(modules: string, name: string, copy = name): void {
  mkdirSync(dirname(join(modules, name)), { recursive: true }); // of a package with a scope
  symlinkSync(join(ROOT, 'node_modules', copy), join(modules, name), 'junction');
}

/**
 * Creates the application, with the package as it is published and the test programs.
 *
 * @param packages What the application has installed besides, by name.
 */
export function createConsumer(copy: IoredisCopy, packages: readonly string[] = []): Consumer {
  const dir = mkdtempSync(join(tmpdir(), 'redis-hygiene-consumer-'));
  const modules = join(dir, 'node_modules');
  const own = join(modules, 'redis-hygiene');
  mkdirSync(own, { recursive: true });
  cpSync(join(ROOT, 'dist'), join(own, 'dist'), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(own, 'package.json'));
  for (const name of ['eventemitter3', 'close-with-grace', 'generic-pool', ...packages]) link(modules, name);
  link(modules, 'ioredis', copy);
  cpSync(join(ROOT, 'test/process/programs'), dir, { recursive: true });
  writeFileSync(join(dir, 'package.json'), JSON.stringify({ name: 'consumer', type: 'module' }));
  return { dir, [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }) };
}
