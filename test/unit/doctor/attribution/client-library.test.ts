import { describe, expect, test } from 'vitest';
import type { Attribution, AttributionSource } from '../../../../src/doctor/attribution/attribution.js';
import {
  clientLibraries,
  clientLibraryNames,
  librariesOf,
} from '../../../../src/doctor/attribution/client-library.js';

const row = { name: '', cmd: 'ping', libName: '', age: 60, idle: 60 };
const known = (owner: string, source: AttributionSource, note?: string): Attribution => ({
  ...{ owner, source, confidence: 'certain' },
  ...(note !== undefined && { note }),
});

test.each([
  ['redis-py', ['redis-py']],
  ['redis-py(django-redis_v5.4.0)', ['redis-py']],
  ['jedis', ['jedis']],
  ['Lettuce', ['lettuce']],
  ['Lettuce(spring-data-redis_v3.2.0)', ['lettuce']],
  ['go-redis(,go1.22.1)', ['go-redis']],
  ['SE.Redis', ['stackexchange.redis']],
  ['NRedisStack(StackExchange.Redis-v2.6.8;.NET-6.2.18)', ['stackexchange.redis']],
  ['node-redis', ['node-redis']],
  ['ioredis(orders)', ['ioredis']],
  ['redis-client(sidekiq_v8.0.1)', ['sidekiq']],
  ['a-library-of-our-own', []],
])('lib-name=%s', (libName, libraries) => {
  expect(librariesOf([{ ...row, libName }], known('java -jar a.jar (pid 1)', 'process'))).toEqual(libraries);
});

test.each([
  ['Sidekiq-server-PID-7', ['sidekiq']],
  ['celery@w1', ['redis-py']],
  ['web-1(SE.Redis-v2.7.33.41805)', ['stackexchange.redis']],
  ['bull:b3JkZXJz', ['ioredis']],
  ['ioredis', ['ioredis']],
  ['ioredis-cluster(refresher)', ['ioredis']],
  ['orders-ioredis', ['ioredis']],
  ['Lettuce-2', ['lettuce']],
  ['myioredisclient', []],
  ['orders', []],
])('without lib-name, name=%s', (name, libraries) => {
  expect(librariesOf([{ ...row, name }], known('10.0.0.1', 'address'))).toEqual(libraries);
});

describe('without lib-name and name, the program tells:', () => {
  test.each([
    ['python3.11 worker.py (pid 7)', ['redis-py']],
    ['gunicorn (pid 7)', ['redis-py']],
    ['java /srv/shop.jar (pid 7)', ['jedis', 'lettuce', 'redisson']],
    ['node server.js (pid 7)', ['node-redis', 'ioredis']],
    ['php-fpm8.2 (pid 7)', ['phpredis']],
    ['dotnet Shop.dll (pid 7)', ['stackexchange.redis']],
    ['ruby /usr/bin/sidekiq (pid 7)', ['sidekiq']],
    ['redis-benchmark (pid 7)', []],
  ])('%s', (owner, libraries) => {
    expect(librariesOf([row], known(owner, 'process'))).toEqual(libraries);
  });

  test.each([
    ['python:3.12-slim', ['redis-py']],
    ['registry.example/eclipse-temurin:21', ['jedis', 'lettuce', 'redisson']],
    ['shop/orders:7', []],
  ])('image %s', (image, libraries) => {
    expect(librariesOf([row], known('orders-1', 'container', image))).toEqual(libraries);
  });
});

describe('connections whose last command is the INFO that ioredis sends when it has connected', () => {
  const fresh = { ...row, cmd: 'info', age: 60, idle: 59 };

  test.each(['', 'orders'])('with the name %j are ioredis clients that nobody has used', (name) => {
    expect(librariesOf([{ ...fresh, name }], undefined)).toEqual(['ioredis']);
    expect(librariesOf([{ ...fresh, name }], known('node a.js (pid 7)', 'process'))).toEqual(['ioredis']);
  });

  test('are no evidence among others', () => {
    expect(librariesOf([fresh, row], undefined)).toEqual([]);
  });

  test('are no evidence if it was sent later, as a monitor does', () => {
    expect(librariesOf([{ ...fresh, idle: 5 }], undefined)).toEqual([]);
  });
});

test('without connections nothing is known', () => {
  expect(librariesOf([], known('node a.js (pid 1)', 'process'))).toEqual([]);
});

test('the names are those that --library takes', () => {
  for (const name of clientLibraryNames) {
    expect(name).toBe(clientLibraries[name].title.toLowerCase());
  }
});
