import { describe, expect, test } from 'vitest';
import { readContainer } from '../../../../../src/doctor/attribution/docker/container-engine.js';
import { recorded } from '../../../../support/unit/doctor/attribution/docker/recorded.js';

describe('the answer of Docker', () => {
  const byName = new Map(recorded('docker').map((one) => [one.name, one]));

  test('contains each running container', () => {
    expect([...byName.keys()]).toEqual(['app', 'hosty', 'nonet', 'paused', 'shop-orders-1', 'vpn']);
  });

  test('gives the labels of Compose, and the networks with IPv4, IPv6 and gateways', () => {
    expect(byName.get('shop-orders-1')).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      name: 'shop-orders-1',
      image: 'shop:1',
      project: 'shop',
      service: 'orders',
      networks: [
        { network: 'shop_back', addresses: ['172.19.0.2'], gateways: ['172.19.0.1'] },
        {
          network: 'shop_default',
          addresses: ['172.18.0.2', 'fd00:18::2'],
          gateways: ['172.18.0.1', 'fd00:18::1'],
        },
      ],
      stack: { kind: 'own' },
    });
  });

  test('gives the network stack of each container', () => {
    expect(byName.get('app')?.stack).toEqual({ kind: 'container', of: byName.get('vpn')?.id });
    expect(byName.get('hosty')?.stack).toEqual({ kind: 'host' });
    expect(byName.get('paused')?.stack).toEqual({ kind: 'own' });
    expect(byName.get('nonet')?.networks).toEqual([{ network: 'none', addresses: [], gateways: [] }]);
  });
});

test('the shorter answer of Podman is read too', () => {
  const orders = recorded('podman').find(({ name }) => name === 'shop_orders_1');
  expect(orders).toMatchObject({ project: 'shop', service: 'orders', image: 'localhost/shop:1' });
  expect(orders?.networks.flatMap(({ addresses }) => addresses)).toEqual([
    '10.89.0.2',
    '10.89.5.2',
    'fd00:18::2',
  ]);
});

test.each([
  [
    'a Swarm service',
    { 'com.docker.swarm.service.name': 'shop_orders', 'com.docker.stack.namespace': 'shop' },
  ],
])('%s is recognised by its labels', (_, labels) => {
  expect(readContainer({ Id: '1', Names: ['/x'], Labels: labels })).toMatchObject({
    service: 'shop_orders',
    project: 'shop',
  });
});

test('the name of a legacy link is ignored', () => {
  expect(readContainer({ Names: ['/web/database', '/database'] }).name).toBe('database');
});

test.each([
  [null],
  ['text'],
  [[]],
  [{}],
  [{ Id: 7, Names: 'x', Labels: null, NetworkSettings: null, HostConfig: null }],
  [{ Names: [null], NetworkSettings: { Networks: { bridge: null, other: { IPAddress: 1 } } } }],
])('%j is read as a container without details', (value) => {
  const { id, name, image, stack } = readContainer(value);
  expect({ id, name, image, stack }).toEqual({ id: '', name: '', image: '', stack: { kind: 'own' } });
});
