import { createRequire } from 'node:module';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseConnectionName } from '../../../src/identity/connection-name.js';
import { askingLibrary, nameFor } from '../../../src/register/preload-identity.js';

/** Asks, or has the next one ask. */
type Ask = <T>(question: () => T, next?: Ask, ...rest: Ask[]) => T;

let dir: string;
const packages: Record<string, Ask> = {};

/** Functions that lie in packages, as libraries do. */
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'redis-hygiene-asking-'));
  for (const name of ['bullmq', '@fastify/redis', 'ioredis', 'dd-trace', '@redis/client']) {
    const folder = join(dir, 'node_modules', name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      join(folder, 'index.cjs'),
      'exports.ask = (question, next, ...rest) => (next ? next(question, ...rest) : question());',
    );
    packages[name] = (createRequire(import.meta.url)(join(folder, 'index.cjs')) as { ask: Ask }).ask;
  }
});
afterAll(() => rmSync(dir, { recursive: true }));

/** The first of them asks. Questions are bound functions, which leave no frame of this file in between. */
function through<T>(names: readonly string[], question: () => T): T {
  const [next, ...rest] = names.map((name) => packages[name] as Ask).reverse();
  return next ? next(question, ...rest) : question();
}

describe('who asks for a client', () => {
  test.for([
    [[], undefined],
    [['bullmq'], 'bullmq'],
    [['@fastify/redis'], 'fastify/redis'],
    [['ioredis', 'bullmq'], 'bullmq'],
    [['ioredis', 'dd-trace'], undefined],
    [['@redis/client', 'dd-trace', '@fastify/redis', 'bullmq'], 'fastify/redis'],
  ] as const)('%s: %s', ([names, library]) => {
    expect(through(names, askingLibrary.bind(undefined, '/srv/app.js'))).toBe(library);
  });

  test('an application that is installed like a library is none', () => {
    const script = join(dir, 'node_modules/bullmq/bin/start.js');
    expect(through(['bullmq'], askingLibrary.bind(undefined, script))).toBeUndefined();
  });
});

describe('the name of what is named and nothing more', () => {
  test.for([
    [undefined, 'node-redis'],
    ['', 'node-redis'],
    [42, 'node-redis'],
    ['cache', 'cache'],
    ['two words', 'two-words'],
    ['command', 'node-redis'],
    ['pool', 'node-redis'],
  ] as const)('its own word %s gives the role %s', ([own, role]) => {
    expect(parseConnectionName(nameFor(own, 'node-redis'))?.role).toBe(role);
  });

  test('a name of ours, and one that BullMQ looks for, stay', () => {
    expect(nameFor('orders@web-1#cache', 'node-redis')).toBe('orders@web-1#cache');
    expect(nameFor('bull:bWFpbA==', 'ioredis')).toBe('bull:bWFpbA==');
  });

  test('a library that asks is the role', () => {
    const name = through(['bullmq'], nameFor.bind(undefined, undefined, 'iovalkey'));
    expect(parseConnectionName(name)?.role).toBe('bullmq');
  });
});
