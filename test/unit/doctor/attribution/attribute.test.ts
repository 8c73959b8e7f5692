import { describe, expect, test } from 'vitest';
import { createAttributor } from '../../../../src/doctor/attribution/attribute.js';
import type {
  Attribution,
  AttributionSource,
  Peer,
  Resolver,
} from '../../../../src/doctor/attribution/attribution.js';
import { nameResolver, otherNameResolver } from '../../../../src/doctor/attribution/row-resolvers.js';
import { attribution, peer } from '../../../support/unit/doctor/attribution/peers.js';

/** A resolver that knows one address, and remembers who was asked about. */
function knows(source: AttributionSource, ip: string, said: Partial<Attribution> = {}) {
  const asked: Peer[] = [];
  const resolver: Resolver = {
    source,
    attribute(one) {
      asked.push(one);
      return one.ip === ip ? attribution({ source, owner: `by ${source}`, ...said }) : undefined;
    },
  };
  return { resolver, asked };
}

function later(resolver: Resolver): Resolver {
  return { ...resolver, attribute: async (one) => resolver.attribute(one) };
}

describe('the best attribution', () => {
  test('wins, and the others can be had', async () => {
    const hosts = knows('hosts', '10.0.0.7', { confidence: 'likely' }).resolver;
    const container = knows('container', '10.0.0.7').resolver;
    const { attributionOf, alternativesOf } = await createAttributor([hosts, container]).attribute([peer()]);
    expect(attributionOf(peer())).toMatchObject({ source: 'container' });
    expect(alternativesOf(peer()).map(({ source }) => source)).toEqual(['hosts', 'address']);
  });

  test('is the same whether it takes time or not, and whatever the order of the resolvers', async () => {
    const resolvers = [
      later(knows('hosts', '10.0.0.7', { confidence: 'likely' }).resolver),
      later(knows('container', '10.0.0.7', { confidence: 'ambiguous' }).resolver),
      knows('library', '10.0.0.7', { confidence: 'likely' }).resolver,
    ];
    for (const all of [resolvers, resolvers.toReversed()]) {
      const { attributionOf, alternativesOf } = await createAttributor(all).attribute([peer()]);
      const attributions = [attributionOf(peer()), ...alternativesOf(peer())].map(({ source }) => source);
      expect(attributions).toEqual(['hosts', 'library', 'container', 'address']);
    }
  });

  test('is the address where nobody knows, also for a peer that was not asked about', async () => {
    const { attributionOf, alternativesOf } = await createAttributor([]).attribute([peer()]);
    const address = { owner: '10.0.0.7', source: 'address', confidence: 'likely' };
    expect(attributionOf(peer())).toEqual(address);
    expect(alternativesOf(peer())).toEqual([]);
    expect(attributionOf(peer({ ip: '10.0.0.8' }))).toEqual({ ...address, owner: '10.0.0.8' });
  });
});

describe('a service, host or role that the best attribution does not know', () => {
  const role = knows('library', '10.0.0.7', { confidence: 'likely', role: 'worker', host: 'lib-host' });
  const process = knows('process', '10.0.0.7', { host: 'vm' });

  test('is taken from the next one that does', async () => {
    const tag = knows('library-tag', '10.0.0.7', { confidence: 'likely', service: 'orders' });
    const resolvers = [process, role, tag].map(({ resolver }) => resolver);
    const { attributionOf, alternativesOf } = await createAttributor(resolvers).attribute([peer()]);
    expect(attributionOf(peer())).toEqual(
      attribution({ source: 'process', owner: 'by process', host: 'vm', service: 'orders', role: 'worker' }),
    );
    expect(alternativesOf(peer())[0]).not.toHaveProperty('role');
  });

  test('is not added to an address that stands for many, nor taken from one', async () => {
    const gateway = knows('container', '10.0.0.7', { confidence: 'ambiguous', service: 'bridge' });
    const name = knows('dns', '10.0.0.7', { confidence: 'likely', host: 'dns-host' });
    const alone = await createAttributor([gateway.resolver, name.resolver]).attribute([peer()]);
    expect(alone.attributionOf(peer())).not.toHaveProperty('host');
    const both = await createAttributor([gateway.resolver, process.resolver]).attribute([peer()]);
    expect(both.attributionOf(peer())).not.toHaveProperty('service');
  });
});

test('each distinct peer is asked about once', async () => {
  const { resolver, asked } = knows('hosts', '10.0.0.7');
  await createAttributor([resolver]).attribute([peer(), peer(), peer({ name: 'orders' }), peer()]);
  expect(asked).toEqual([peer(), peer({ name: 'orders' })]);
});

describe('reverse DNS', () => {
  test('is not asked where something better is known', async () => {
    const { resolver, asked } = knows('dns', '10.0.0.7');
    const attribution = createAttributor([resolver, nameResolver, otherNameResolver]);
    const unknown = peer({ ip: '10.0.0.9' });
    await attribution.attribute([peer({ name: 'orders@web-1' }), peer({ name: 'orders' }), unknown]);
    expect(asked).toEqual([unknown]);
  });

  test('is asked about an address that is ambiguous', async () => {
    const { resolver, asked } = knows('dns', '10.0.0.7');
    const gateway = knows('container', '10.0.0.7', { confidence: 'ambiguous' }).resolver;
    await createAttributor([resolver, gateway]).attribute([peer()]);
    expect(asked).toEqual([peer()]);
  });
});

describe('a resolver that fails', () => {
  const broken = (source: AttributionSource, fail: () => Promise<undefined>): Resolver => ({
    source,
    attribute: () => fail(),
  });

  test('is told of once, and keeps the others from nothing', async () => {
    const { attributionOf, warnings } = await createAttributor([
      broken('container', () => {
        throw new Error('the engine is gone');
      }),
      broken('pod', () => Promise.reject(new Error('forbidden'))),
      knows('hosts', '10.0.0.7', { confidence: 'likely' }).resolver,
    ]).attribute([peer(), peer({ name: 'a' }), peer({ name: 'b' })]);
    expect(attributionOf(peer())).toMatchObject({ source: 'hosts' });
    expect(warnings.toSorted()).toEqual([
      'The source "container" failed: the engine is gone',
      'The source "pod" failed: forbidden',
    ]);
  });

  test('may say so itself', async () => {
    const resolver: Resolver = {
      source: 'process',
      attribute: () => undefined,
      warnings: () => ['Not root.'],
    };
    const { warnings } = await createAttributor([resolver]).attribute([peer()]);
    expect(warnings).toEqual(['Not root.']);
  });
});

test('what would move the cursor of a terminal is not passed on', async () => {
  const evil = knows('dns', '10.0.0.7', {
    owner: '\u001b[2Jgone',
    note: 'a\u009bb\nc',
    confidence: 'likely',
  });
  const { attributionOf } = await createAttributor([evil.resolver]).attribute([peer()]);
  expect(attributionOf(peer())).toMatchObject({ owner: '?[2Jgone', note: 'a?b?c', source: 'dns' });
});

test('100 000 peers are told apart', async () => {
  const peers = Array.from({ length: 100_000 }, (_, at) =>
    peer({
      ip: `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`,
      name: at % 3 === 0 ? `orders@web-${at}` : '',
    }),
  );
  const resolvers = [nameResolver, otherNameResolver, later(knows('container', '10.0.0.1').resolver)];
  const { attributionOf } = await createAttributor(resolvers).attribute(peers);
  expect(attributionOf(peers[3] as Peer)).toMatchObject({ source: 'name' });
  expect(attributionOf(peers[1] as Peer)).toMatchObject({ source: 'container' });
});
