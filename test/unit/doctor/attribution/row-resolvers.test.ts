import { describe, expect, test } from 'vitest';
import { addressAttribution } from '../../../../src/doctor/attribution/attribute.js';
import {
  libraryResolver,
  libraryTagResolver,
  nameResolver,
  otherNameResolver,
  serverResolver,
} from '../../../../src/doctor/attribution/row-resolvers.js';
import { peer } from '../../../support/unit/doctor/attribution/peers.js';

describe('names of redis-hygiene', () => {
  test.each([
    ['orders@web-1', 'orders', 'web-1', 'command'],
    ['orders@web-1#subscriber', 'orders', 'web-1', 'subscriber'],
    ['ioredis-cluster(subscriber):orders@web-1#cluster', 'orders', 'web-1', 'cluster'],
  ])('%s', (name, service, host, role) => {
    expect(nameResolver.attribute(peer({ name }))).toEqual({
      owner: `${service}@${host}`,
      source: 'name',
      confidence: 'certain',
      service,
      host,
      role,
    });
  });

  test.each(['', 'orders', 'orders@', '@web-1', 'orders@web-1#command', 'ioredis-cluster(subscriber)'])(
    '%j is not one',
    (name) => {
      expect(nameResolver.attribute(peer({ name }))).toBeUndefined();
    },
  );
});

describe('connections of servers', () => {
  test.each([
    [peer({ kind: 'replica' }), 'replica 10.0.0.7'],
    [peer({ kind: 'master', port: 6379 }), 'master 10.0.0.7:6379'],
    [peer({ kind: 'master', ip: '2001:db8::1', port: 6379 }), 'master [2001:db8::1]:6379'],
    [peer({ kind: 'sentinel', name: 'sentinel-1f2e3d4c-cmd' }), 'sentinel 1f2e3d4c at 10.0.0.7'],
    [peer({ kind: 'sentinel', name: 'sentinel-1f2e3d4c-pubsub' }), 'sentinel 1f2e3d4c at 10.0.0.7'],
  ])('%j', (one, owner) => {
    expect(serverResolver.attribute(one)).toEqual({
      owner,
      source: 'server',
      confidence: 'certain',
      role: one.kind,
    });
  });

  test('exclude clients', () => {
    expect(serverResolver.attribute(peer({ name: 'orders@web-1' }))).toBeUndefined();
  });
});

describe('the tag in lib-name', () => {
  test.each([
    ['ioredis(orders)', 'orders'],
    ['node-redis(orders)', 'orders'],
    ['jedis(orders-v2)', 'orders-v2'],
    ['go-redis(orders,go1.22.1)', 'orders'],
    ['go-redis(orders,devel+8f2a3c1b)', 'orders'],
    ['redis-py(celery_v5.4.0;orders)', 'orders'],
  ])('%s', (libName, owner) => {
    expect(libraryTagResolver.attribute(peer({ libName }))).toEqual({
      owner,
      source: 'library-tag',
      confidence: 'likely',
      service: owner,
      note: `lib-name=${libName}`,
    });
  });

  test('of the form service@host gives the host', () => {
    expect(libraryTagResolver.attribute(peer({ libName: 'ioredis(orders@web-1)' }))).toMatchObject({
      owner: 'orders@web-1',
      service: 'orders',
      host: 'web-1',
    });
  });

  test.each([
    '',
    'ioredis',
    'ioredis()',
    'go-redis(,go1.22.1)',
    'redis-py(django-redis_v5.4.0)',
    'jedis(redis-om-spring_v1.0.0)',
    'redis-py(kombu_v5.5.2;celery_v5.4.0rc1)',
    'SE.Redis',
    'a(b(c))',
    '(orders)',
  ])('%j contains no service', (libName) => {
    expect(libraryTagResolver.attribute(peer({ libName }))).toBeUndefined();
  });
});

describe('default names of libraries', () => {
  test.each([
    ['bull:b3JkZXJz', { owner: 'bull:orders', role: 'worker', note: 'queue orders of BullMQ' }],
    ['bull:am9icw==:qe', { owner: 'bull:jobs', role: 'queue-events', note: 'queue jobs of BullMQ' }],
    [
      'bull:am9icw==:w:mailer',
      { owner: 'bull:jobs', role: 'worker', note: 'queue jobs of BullMQ, worker mailer' },
    ],
    ['bull:w7xtbGF1dGU=', { owner: 'bull:ümlaute', role: 'worker', note: 'queue ümlaute of BullMQ' }],
    [
      'WEB-1(SE.Redis-v2.7.17.27058)',
      { owner: 'WEB-1', host: 'WEB-1', note: 'machine name, set by StackExchange.Redis' },
    ],
    ['Sidekiq-server-PID-4711', { owner: 'sidekiq at 10.0.0.7', note: 'process 4711' }],
    ['redis_exporter', { owner: 'redis_exporter at 10.0.0.7' }],
    ['redisinsight-common-a77b23c1', { owner: 'RedisInsight at 10.0.0.7' }],
  ])('%s', (name, facts) => {
    expect(libraryResolver.attribute(peer({ name }))).toEqual({
      ...facts,
      source: 'library',
      confidence: 'likely',
    });
    expect(otherNameResolver.attribute(peer({ name }))).toBeUndefined();
  });

  test.each(['', 'orders', 'ioredis-cluster(refresher)', 'bull:orders!', 'bull:', 'redis_exporter2'])(
    '%j has no owner',
    (name) => {
      expect(libraryResolver.attribute(peer({ name }))).toBeUndefined();
    },
  );

  test('invalid base64 is not a queue', () => {
    expect(libraryResolver.attribute(peer({ name: 'bull:abc' }))).toBeUndefined();
  });
});

describe('other names', () => {
  test.each([
    ['orders', 'orders'],
    ['ioredis-cluster(subscriber):orders', 'orders'],
    ['debezium:redis:sink', 'debezium:redis:sink'],
    ['sentinel-front', 'sentinel-front'],
  ])('%s', (name, owner) => {
    expect(otherNameResolver.attribute(peer({ name }))).toEqual({
      owner,
      source: 'other-name',
      confidence: 'likely',
    });
  });

  test.each([
    peer(),
    peer({ name: 'orders@web-1' }),
    peer({ name: 'ioredis-cluster(ssubscriber):orders@web-1' }),
    peer({ name: 'ioredis-cluster(ssubscriber)' }),
    peer({ name: 'sentinel-1f2e3d4c-cmd', kind: 'sentinel' }),
    peer({ name: 'named', kind: 'replica' }),
  ])('%j has none', (one) => {
    expect(otherNameResolver.attribute(one)).toBeUndefined();
  });
});

describe('the address', () => {
  test.each(['10.0.0.7', '2001:db8::1'])('%s is its own owner', (ip) => {
    expect(addressAttribution(peer({ ip }))).toEqual({
      owner: ip,
      source: 'address',
      confidence: 'likely',
    });
  });

  test.each([
    ['127.0.0.1', 'any process on the server’s own machine'],
    ['::1', 'any process on the server’s own machine'],
    ['0.0.0.0', 'any process on the server’s own machine'],
    ['/run/redis.sock', 'a unix socket does not show which process opened it'],
    ['?', 'the server does not know the address'],
  ])('%s is ambiguous', (ip, note) => {
    expect(addressAttribution(peer({ ip }))).toEqual({
      owner: ip,
      source: 'address',
      confidence: 'ambiguous',
      note,
    });
  });

  test('is ambiguous if it is missing', () => {
    expect(addressAttribution(peer({ ip: '' }))).toMatchObject({ owner: '?', confidence: 'ambiguous' });
  });
});
