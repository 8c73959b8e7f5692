import * as glide from '@valkey/valkey-glide';
import type * as Ioredis from 'ioredis';
import * as iovalkey from 'iovalkey';
import { createRequire } from 'node:module';
import * as nodeRedis from 'redis';
import { expect, test } from 'vitest';
import { recognizeClient } from '../../../src/register/detect-clients.js';

const require = createRequire(import.meta.url);

test.for(['ioredis', 'ioredis5', 'ioredis4', 'iovalkey'])(
  '%s is recognised as ioredis by its class',
  (name) => {
    const found = recognizeClient(require(name));
    expect(found?.kind).toBe('ioredis');
  },
);

test('the recognised class is the client class', () => {
  const { Redis } = require('ioredis') as typeof Ioredis;
  expect(recognizeClient(require('ioredis'))).toEqual({ kind: 'ioredis', Class: Redis });
  expect(recognizeClient({ default: Redis })).toEqual({ kind: 'ioredis', Class: Redis });
  expect(recognizeClient(iovalkey)?.kind).toBe('ioredis');
});

test('node-redis and Valkey GLIDE are recognised', () => {
  const client = require('@redis/client/dist/lib/client/index.js') as object;
  expect(recognizeClient(client)?.kind).toBe('node-redis');
  expect(recognizeClient(glide)).toMatchObject({
    kind: 'glide',
    Classes: [glide.GlideClient, glide.GlideClusterClient],
  });
});

test.for([
  ['client/pool', 'pool'],
  ['cluster', 'cluster'],
  ['sentinel', 'sentinel'],
])('what has several clients of node-redis is recognised: %s', ([file, topology]) => {
  const exports = require(`@redis/client/dist/lib/${file}`) as object;
  expect(recognizeClient(exports)).toMatchObject({ kind: 'node-redis-group', topology });
});

test.for([
  [undefined],
  [null],
  ['redis'],
  [42],
  [{}],
  [{ default: null }],
  [() => undefined],
  [class Redis extends Map {}],
  [{ GlideClient: {} }],
  [nodeRedis],
  [require('@ioredis/commands')],
  [require('ioredis/built/Command')],
] as const)('other exports are not recognised: %s', ([exports]) => {
  expect(recognizeClient(exports)).toBeUndefined();
});

test('a missing export is not read, as Node warns of that in modules that load each other in a circle', () => {
  const read: unknown[] = [];
  const circle = new Proxy({}, { get: (_target, name) => void read.push(name) });
  expect(recognizeClient(Object.setPrototypeOf({ x: 1 }, circle))).toBeUndefined();
  expect(read).toEqual([]);
});

test('exports that throw on access are not recognised', () => {
  const mock = {
    get default(): never {
      throw new Error('No "default" export is defined on the mock.');
    },
  };
  expect(recognizeClient(mock)).toBeUndefined();
});
