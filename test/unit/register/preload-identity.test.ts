import { createRequire } from 'node:module';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseConnectionName } from '../../../src/identity/connection-name.js';
import { findCallingLibrary, connectionNameFor } from '../../../src/register/preload-identity.js';

/** Calls the function, or the next package with it. */
type Call = <T>(run: () => T, next?: Call, ...rest: Call[]) => T;

let dir: string;
const packages: Record<string, Call> = {};

/** Creates packages whose functions call each other, as libraries do. */
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'redis-hygiene-callers-'));
  for (const name of ['bullmq', '@fastify/redis', 'ioredis', 'dd-trace', '@redis/client']) {
    const folder = join(dir, 'node_modules', name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      join(folder, 'index.cjs'),
      'exports.call = (run, next, ...rest) => (next ? next(run, ...rest) : run());',
    );
    packages[name] = (createRequire(import.meta.url)(join(folder, 'index.cjs')) as { call: Call }).call;
  }
});
afterAll(() => rmSync(dir, { recursive: true }));

/** Calls through packages, the first of them last. Bound functions leave no frame of this file on the stack. */
function through<T>(names: readonly string[], run: () => T): T {
  const [next, ...rest] = names.map((name) => packages[name] as Call).reverse();
  return next ? next(run, ...rest) : run();
}

describe('the library that opens a client', () => {
  test.for([
    [[], undefined],
    [['bullmq'], 'bullmq'],
    [['@fastify/redis'], 'fastify/redis'],
    [['ioredis', 'bullmq'], 'bullmq'],
    [['ioredis', 'dd-trace'], undefined],
    [['@redis/client', 'dd-trace', '@fastify/redis', 'bullmq'], 'fastify/redis'],
  ] as const)('through the packages %s is %s', ([names, library]) => {
    expect(through(names, findCallingLibrary.bind(undefined, '/srv/app.js'))).toBe(library);
  });

  test('is not the application, even if that is installed under node_modules', () => {
    const script = join(dir, 'node_modules/bullmq/bin/start.js');
    expect(through(['bullmq'], findCallingLibrary.bind(undefined, script))).toBeUndefined();
  });
});

describe('the name of a client that is not enforced', () => {
  test.for([
    [undefined, 'node-redis'],
    ['', 'node-redis'],
    [42, 'node-redis'],
    ['cache', 'cache'],
    ['two words', 'two-words'],
    ['command', 'node-redis'],
    ['pool', 'node-redis'],
  ] as const)('has for its own name %s the role %s', ([own, role]) => {
    expect(parseConnectionName(connectionNameFor(own, 'node-redis'))?.role).toBe(role);
  });

  test('stays if it is a name of ours, or one that BullMQ looks for', () => {
    expect(connectionNameFor('orders@web-1#cache', 'node-redis')).toBe('orders@web-1#cache');
    expect(connectionNameFor('bull:bWFpbA==', 'ioredis')).toBe('bull:bWFpbA==');
  });

  test.for([
    ['orders@web-1', 'orders@web-1#library'],
    ['orders@web-1#pool', 'orders@web-1#library'],
    ['ioredis-cluster(refresher):orders@web-1#cluster', 'ioredis-cluster(refresher):orders@web-1#library'],
  ] as const)('that is the name of ours %s with a heartbeat becomes %s', ([own, name]) => {
    expect(connectionNameFor(own, 'iovalkey')).toBe(name);
  });

  test('has the library that opens it as its role', () => {
    const name = through(['bullmq'], connectionNameFor.bind(undefined, undefined, 'iovalkey'));
    expect(parseConnectionName(name)?.role).toBe('bullmq');
  });
});
