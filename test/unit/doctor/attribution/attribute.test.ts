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

/** A resolver that knows one address, and records the peers that it was asked about. */
function resolverFor(source: AttributionSource, ip: string, fields: Partial<Attribution> = {}) {
  const asked: Peer[] = [];
  const resolver: Resolver = {
    source,
    attribute(askedPeer) {
      asked.push(askedPeer);
      return askedPeer.ip === ip ? attribution({ source, owner: `by ${source}`, ...fields }) : undefined;
    },
  };
  return { resolver, asked };
}

/** The same resolver, with answers as promises. */
function asyncResolver(resolver: Resolver): Resolver {
  return { ...resolver, attribute: async (peer) => resolver.attribute(peer) };
}

describe('the best attribution', () => {
  test('is returned, and the others are returned as alternatives', async () => {
    const hosts = resolverFor('hosts', '10.0.0.7', { confidence: 'likely' }).resolver;
    const container = resolverFor('container', '10.0.0.7').resolver;
    const { attributionOf, alternativesOf } = await createAttributor([hosts, container]).attribute([peer()]);
    expect(attributionOf(0)).toMatchObject({ source: 'container' });
    expect(alternativesOf(0).map(({ source }) => source)).toEqual(['hosts', 'address']);
  });

  test('does not depend on the order of the resolvers, or on whether they answer later', async () => {
    const resolvers = [
      asyncResolver(resolverFor('hosts', '10.0.0.7', { confidence: 'likely' }).resolver),
      asyncResolver(resolverFor('container', '10.0.0.7', { confidence: 'ambiguous' }).resolver),
      resolverFor('library', '10.0.0.7', { confidence: 'likely' }).resolver,
    ];
    for (const all of [resolvers, resolvers.toReversed()]) {
      const { attributionOf, alternativesOf } = await createAttributor(all).attribute([peer()]);
      const attributions = [attributionOf(0), ...alternativesOf(0)].map(({ source }) => source);
      expect(attributions).toEqual(['hosts', 'library', 'container', 'address']);
    }
  });

  test('is the address if no resolver knows the peer', async () => {
    const { attributionOf, alternativesOf } = await createAttributor([]).attribute([
      peer(),
      peer({ ip: '10.0.0.8' }),
    ]);
    const address = { owner: '10.0.0.7', source: 'address', confidence: 'likely' };
    expect(attributionOf(0)).toEqual(address);
    expect(alternativesOf(0)).toEqual([]);
    expect(attributionOf(1)).toEqual({ ...address, owner: '10.0.0.8' });
  });
});

describe('a service, host or role that is missing in the best attribution', () => {
  const role = resolverFor('library', '10.0.0.7', { confidence: 'likely', role: 'worker', host: 'lib-host' });
  const process = resolverFor('process', '10.0.0.7', { host: 'vm' });

  test('comes from the next attribution that has it', async () => {
    const tag = resolverFor('library-tag', '10.0.0.7', { confidence: 'likely', service: 'orders' });
    const resolvers = [process, role, tag].map(({ resolver }) => resolver);
    const { attributionOf, alternativesOf } = await createAttributor(resolvers).attribute([peer()]);
    expect(attributionOf(0)).toEqual(
      attribution({ source: 'process', owner: 'by process', host: 'vm', service: 'orders', role: 'worker' }),
    );
    expect(alternativesOf(0)[0]).not.toHaveProperty('role');
  });

  test('is not added to a shared address, nor taken from one', async () => {
    const gateway = resolverFor('container', '10.0.0.7', { confidence: 'ambiguous', service: 'bridge' });
    const name = resolverFor('dns', '10.0.0.7', { confidence: 'likely', host: 'dns-host' });
    const alone = await createAttributor([gateway.resolver, name.resolver]).attribute([peer()]);
    expect(alone.attributionOf(0)).not.toHaveProperty('host');
    const both = await createAttributor([gateway.resolver, process.resolver]).attribute([peer()]);
    expect(both.attributionOf(0)).not.toHaveProperty('service');
  });
});

describe('reverse DNS', () => {
  test('is skipped if something better is known', async () => {
    const { resolver, asked } = resolverFor('dns', '10.0.0.7');
    const attributor = createAttributor([resolver, nameResolver, otherNameResolver]);
    const unknown = peer({ ip: '10.0.0.9' });
    await attributor.attribute([peer({ name: 'orders@web-1' }), peer({ name: 'orders' }), unknown]);
    expect(asked).toEqual([unknown]);
  });

  test('is used for an ambiguous address', async () => {
    const { resolver, asked } = resolverFor('dns', '10.0.0.7');
    const gateway = resolverFor('container', '10.0.0.7', { confidence: 'ambiguous' }).resolver;
    await createAttributor([resolver, gateway]).attribute([peer()]);
    expect(asked).toEqual([peer()]);
  });
});

describe('a resolver that fails', () => {
  const broken = (source: AttributionSource, fail: () => Promise<undefined>): Resolver => ({
    source,
    attribute: () => fail(),
  });

  test('adds one warning and does not affect the others', async () => {
    const { attributionOf, warnings } = await createAttributor([
      broken('container', () => {
        throw new Error('the engine is gone');
      }),
      broken('pod', () => Promise.reject(new Error('forbidden'))),
      resolverFor('hosts', '10.0.0.7', { confidence: 'likely' }).resolver,
    ]).attribute([peer(), peer({ name: 'a' }), peer({ name: 'b' })]);
    expect(attributionOf(0)).toMatchObject({ source: 'hosts' });
    expect(warnings.toSorted()).toEqual([
      'The source "container" failed: the engine is gone',
      'The source "pod" failed: forbidden',
    ]);
  });

  test('can add warnings of its own', async () => {
    const resolver: Resolver = {
      source: 'process',
      attribute: () => undefined,
      warnings: () => ['Not root.'],
    };
    const { warnings } = await createAttributor([resolver]).attribute([peer()]);
    expect(warnings).toEqual(['Not root.']);
  });
});

test('control characters in names are replaced', async () => {
  const malicious = resolverFor('dns', '10.0.0.7', {
    owner: '\u001b[2Jgone',
    note: 'a\u009bb\nc',
    confidence: 'likely',
  });
  const { attributionOf } = await createAttributor([malicious.resolver]).attribute([peer()]);
  expect(attributionOf(0)).toMatchObject({ owner: '?[2Jgone', note: 'a?b?c', source: 'dns' });
});

test('100 000 distinct peers are attributed', async () => {
  const peers = Array.from({ length: 100_000 }, (_, at) =>
    peer({
      ip: `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`,
      name: at % 3 === 0 ? `orders@web-${at}` : '',
    }),
  );
  const resolvers = [
    nameResolver,
    otherNameResolver,
    asyncResolver(resolverFor('container', '10.0.0.1').resolver),
  ];
  const { attributionOf } = await createAttributor(resolvers).attribute(peers);
  expect(attributionOf(3)).toMatchObject({ source: 'name' });
  expect(attributionOf(1)).toMatchObject({ source: 'container' });
});
