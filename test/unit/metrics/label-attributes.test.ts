import { expect, test } from 'vitest';
import { attributesOf } from '../../../src/metrics/label-attributes.js';

const serverOf = (target: string) => {
  const { 'server.address': address, 'server.port': port } = attributesOf({ target });
  return [address, port];
};

test('a connection has the attributes of the conventions, and no service or host of this process', () => {
  const labels = { service: 'orders', role: 'pool', target: 'redis://10.0.0.5:6380', state: 'used' };
  expect(attributesOf(labels)).toEqual({
    'db.system.name': 'redis',
    'db.client.connection.pool.name': 'pool redis://10.0.0.5:6380',
    'db.client.connection.state': 'used',
    'server.address': '10.0.0.5',
    'server.port': 6380,
  });
});

test.each([
  ['redis://redis-1:6379', 'redis-1', 6379],
  ['rediss://redis-1:6380', 'redis-1', 6380],
  ['redis://[2001:db8::1]:6379', '2001:db8::1', 6379],
  ['unix:///run/redis.sock', '/run/redis.sock', undefined],
  ['sentinel://mymaster', undefined, undefined],
  ['other', undefined, undefined],
])('the server of %s is %s, port %s', (target, address, port) => {
  expect(serverOf(target)).toEqual([address, port]);
});

test('a role without a target is an attribute of its own', () => {
  expect(attributesOf({ service: 'orders', role: 'command' })).toEqual({
    'db.system.name': 'redis',
    'redis_hygiene.role': 'command',
  });
});
