import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createConsumer, type Consumer, type IoredisCopy } from './consumer.js';
import { startProgram, type Program } from './program.js';

const INSTALLED = fileURLToPath(new URL('../../node_modules', import.meta.url));

function link(modules: string, name: string, copy = name): void {
  const path = join(modules, name);
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(join(INSTALLED, copy), path, 'junction');
}

/** Creates a library with its own copy of ioredis in its node_modules. */
function createLibrary(modules: string, name: string, copy: string): void {
  const dir = join(modules, name);
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'package.json'), JSON.stringify({ name, version: '1.0.0' }));
  writeFileSync(
    join(dir, 'index.js'),
    "const Redis = require('ioredis');\nexports.open = (...args) => new Redis(...args);\n",
  );
  link(join(dir, 'node_modules'), 'ioredis', copy);
}

/**
 * Creates a typical application with its own copy of ioredis, libraries with other copies (`lib-five`: 5, `lib-six`: 6,
 * `lib-four`: 4), and other clients of Redis.
 */
export function createApplication(copy: IoredisCopy = 'ioredis'): Consumer {
  const consumer = createConsumer(copy);
  const modules = join(consumer.dir, 'node_modules');
  for (const name of ['bullmq', 'redis', 'iovalkey', '@valkey/valkey-glide', '@opentelemetry', 'tsx']) {
    link(modules, name);
  }
  createLibrary(modules, 'lib-four', 'ioredis4');
  createLibrary(modules, 'lib-five', 'ioredis5');
  createLibrary(modules, '@acme/lib-six', 'ioredis');
  return consumer;
}

/** Starts an unchanged program of `programs/preload` with the preload. */
export function startPreloaded(consumer: Consumer, file: string, env: NodeJS.ProcessEnv = {}): Program {
  return startProgram(consumer, `preload/${file}`, {
    NODE_OPTIONS: '--import redis-hygiene/register',
    ...env,
  });
}
