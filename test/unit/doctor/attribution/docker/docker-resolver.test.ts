import { expect, test } from 'vitest';
import { createDockerResolver } from '../../../../../src/doctor/attribution/docker/docker-resolver.js';
import { peer } from '../../../../support/unit/doctor/attribution/peers.js';
import { at, container, recorded } from '../../../../support/unit/doctor/attribution/docker/recorded.js';

const containers = recorded('docker');

test('a container gives its name, its service, and its image as a note', () => {
  const resolver = createDockerResolver(containers, ['172.18.0.9', '172.18.0.2']);
  expect(resolver.source).toBe('container');
  expect(resolver.attribute(peer({ ip: '172.18.0.2' }))).toEqual({
    owner: 'shop-orders-1',
    source: 'container',
    confidence: 'certain',
    service: 'orders',
    host: 'shop-orders-1',
    note: 'shop:1',
  });
});

test('an attribution is only likely if the server may be in another network', () => {
  const elsewhere = createDockerResolver(containers, ['172.17.0.3', '10.1.1.1']);
  expect(elsewhere.attribute(peer({ ip: '172.18.0.2' }))).toMatchObject({ confidence: 'likely' });
  expect(createDockerResolver(containers).attribute(peer({ ip: '172.18.0.2' }))).toMatchObject({
    confidence: 'likely',
  });
});

test('a server on the host itself is in the networks of its gateways', () => {
  const resolver = createDockerResolver(containers, ['172.18.0.1']);
  expect(resolver.attribute(peer({ ip: '172.18.0.2' }))).toMatchObject({ confidence: 'certain' });
});

test('a gateway is ambiguous', () => {
  expect(createDockerResolver(containers).attribute(peer({ ip: '172.17.0.1' }))).toEqual({
    owner: '172.17.0.1',
    source: 'container',
    confidence: 'ambiguous',
    note: 'gateway of bridge: processes of the host, containers in the host network (hosty), or clients that came through a published port',
  });
});

test('containers with one network stack are named together', () => {
  expect(createDockerResolver(containers, ['172.17.0.3']).attribute(peer({ ip: '172.17.0.2' }))).toEqual({
    owner: 'app + vpn',
    source: 'container',
    confidence: 'likely',
    note: 'these containers share one network stack',
  });
});

test('an address used by two containers is ambiguous', () => {
  const twice = [
    container('one', { networks: [at('10.0.0.2', 'a')] }),
    container('two', { networks: [at('10.0.0.2', 'b')] }),
  ];
  expect(createDockerResolver(twice).attribute(peer({ ip: '10.0.0.2' }))).toEqual({
    owner: '10.0.0.2',
    source: 'container',
    confidence: 'ambiguous',
    note: 'used by one and two',
  });
});

test('an address of no container has no attribution', () => {
  expect(createDockerResolver(containers).attribute(peer({ ip: '10.1.1.1' }))).toBeUndefined();
});
