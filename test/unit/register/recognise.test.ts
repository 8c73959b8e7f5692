import * as glide from '@valkey/valkey-glide';
import type * as Ioredis from 'ioredis';
import * as iovalkey from 'iovalkey';
import { createRequire } from 'node:module';
import * as nodeRedis from 'redis';
import { expect, test } from 'vitest';
import { recognise } from '../../../src/register/detect-clients.js';

const require = createRequire(import.meta.url);

test.for(['ioredis', 'ioredis5', 'ioredis4', 'iovalkey'])('%s is recognised by its class', (name) => {
  const found = recognise(require(name));
  expect(found?.kind).toBe('ioredis');
});

test('the class is the one that makes clients', () => {
  const { Redis } = require('ioredis') as typeof Ioredis;
  expect(recognise(require('ioredis'))).toEqual({ kind: 'ioredis', Class: Redis });
  expect(recognise({ default: Redis })).toEqual({ kind: 'ioredis', Class: Redis });
  expect(recognise(iovalkey)?.kind).toBe('ioredis');
});

test('node-redis and GLIDE', () => {
  const client = require('@redis/client/dist/lib/client/index.js') as object;
  expect(recognise(client)?.kind).toBe('node-redis');
  expect(recognise(glide)).toMatchObject({
    kind: 'glide',
    Classes: [glide.GlideClient, glide.GlideClusterClient],
  });
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
] as const)('anything else is none: %s', ([exports]) => {
  expect(recognise(exports)).toBeUndefined();
});

test('what is not there is not asked of a module: Node warns of it while modules load each other in a circle', () => {
  const asked: unknown[] = [];
  const circle = new Proxy({}, { get: (_target, name) => void asked.push(name) });
  expect(recognise(Object.setPrototypeOf({ x: 1 }, circle))).toBeUndefined();
  expect(asked).toEqual([]);
});

test('exports that throw when they are looked at are none', () => {
  const mock = {
    get default(): never {
      throw new Error('No "default" export is defined on the mock.');
    },
  };
  expect(recognise(mock)).toBeUndefined();
});
