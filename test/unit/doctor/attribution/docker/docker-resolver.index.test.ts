import { describe, expect, test } from 'vitest';
import {
  createContainerIndex,
  type ContainerOccupant,
} from '../../../../../src/doctor/attribution/docker/docker-resolver.js';
import type { Container } from '../../../../../src/doctor/attribution/docker/container-engine.js';
import { at, container, recorded } from '../../../../support/unit/doctor/attribution/docker/recorded.js';

/** The occupant as text. */
function describeOccupant(occupant: ContainerOccupant | undefined): string {
  if (!occupant) return 'nobody';
  if (occupant.kind === 'container') return occupant.container.name;
  return `${occupant.why}: ${occupant.candidates.map(({ name }) => name).join(', ')}`;
}

const find = (containers: readonly Container[], ip: string) =>
  describeOccupant(createContainerIndex(containers).find(ip));

describe('with the answer of Docker', () => {
  const containers = recorded('docker');

  test.each([
    ['172.18.0.2', 'shop-orders-1'],
    ['172.19.0.2', 'shop-orders-1'],
    ['fd00:18::2', 'shop-orders-1'],
    ['FD00:0018::0002', 'shop-orders-1'],
    ['::ffff:172.18.0.2', 'shop-orders-1'],
    ['172.17.0.2', 'shared: app, vpn'],
    ['172.17.0.3', 'paused'],
    ['172.17.0.1', 'gateway: hosty'],
    ['172.18.0.1', 'gateway: hosty'],
    ['fd00:18::1', 'gateway: hosty'],
    ['172.17.0.9', 'nobody'],
    ['', 'nobody'],
    ['/var/run/redis.sock', 'nobody'],
  ])('%s is %s', (ip, who) => {
    expect(find(containers, ip)).toBe(who);
  });
});

describe('with the answer of Podman', () => {
  const containers = recorded('podman');

  test.each([
    ['10.88.0.2', 'plain'],
    ['10.89.5.2', 'shop_orders_1'],
    ['10.88.0.3', 'shared: app, vpn'],
    ['10.88.0.4', 'inpod'], // and the pause container of its pod
    ['10.88.0.1', 'gateway: '],
  ])('%s is %s', (ip, who) => {
    expect(find(containers, ip)).toBe(who);
  });
});

test('an address used in two networks belongs to both containers', () => {
  const containers = [
    container('one', { networks: [at('10.0.0.2', 'a')] }),
    container('two', { networks: [at('10.0.0.2', 'b')] }),
  ];
  expect(find(containers, '10.0.0.2')).toBe('taken-twice: one, two');
});

test('a container with the same address in two networks is found', () => {
  const one = container('one', { networks: [at('10.0.0.2', 'a'), at('10.0.0.2', 'b')] });
  expect(find([one], '10.0.0.2')).toBe('one');
});

test('a container with the address of a gateway is ambiguous', () => {
  const containers = [
    container('one', { networks: [at('10.0.0.1', 'a')] }),
    container('two', { networks: [at('10.0.0.2', 'b')] }),
  ];
  expect(find(containers, '10.0.0.1')).toBe('taken-twice: one');
});

test('all containers of a shared network stack are candidates, and so are those in the host network', () => {
  const host = container('host', { stack: { kind: 'host' } });
  const vpn = container('vpn', { networks: [at('10.0.0.2')] });
  const onVpnStack = ['b', 'a'].map((name) => container(name, { stack: { kind: 'container', of: vpn.id } }));
  const onHostStack = container('on-host-stack', { stack: { kind: 'container', of: host.id } });
  const orphan = container('orphan', { stack: { kind: 'container', of: 'gone' } });
  const all = [onHostStack, orphan, ...onVpnStack, vpn, host];
  expect(find(all, '10.0.0.2')).toBe('shared: a, b, vpn');
  expect(find(all, '10.0.0.1')).toBe('gateway: on-host-stack, host');
});

test('a lone container with a pause image is found', () => {
  const pause = container('pause', { image: 'registry.k8s.io/pause:3.9', networks: [at('10.0.0.2')] });
  expect(find([pause], '10.0.0.2')).toBe('pause');
});

test('an address belongs to the networks of its containers and of its gateway', () => {
  const index = createContainerIndex(recorded('docker'));
  expect([...index.networksOf('172.18.0.2')]).toEqual(['shop_default']);
  expect([...index.networksOf('172.17.0.1')]).toEqual(['bridge']);
  expect([...index.networksOf('10.9.9.9')]).toEqual([]);
});
