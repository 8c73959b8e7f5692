import { describe, expect, test } from 'vitest';
import { createAttribution } from '../../../../src/doctor/attribution/attribute.js';
import type { Claim, ClaimSource, Peer, Resolver } from '../../../../src/doctor/attribution/attribution.js';
import { nameResolver, otherNameResolver } from '../../../../src/doctor/attribution/row-resolvers.js';
import { claim, peer } from './peers.js';

/** A resolver that knows one address, and remembers who was asked about. */
function knows(source: ClaimSource, ip: string, said: Partial<Claim> = {}) {
  const asked: Peer[] = [];
  const resolver: Resolver = {
    source,
    claim(one) {
      asked.push(one);
      return one.ip === ip ? claim({ source, owner: `by ${source}`, ...said }) : undefined;
    },
  };
  return { resolver, asked };
}

function later(resolver: Resolver): Resolver {
  return { ...resolver, claim: async (one) => resolver.claim(one) };
}

describe('the best claim', () => {
  test('wins, and the others can be had', async () => {
    const hosts = knows('hosts', '10.0.0.7', { confidence: 'likely' }).resolver;
    const container = knows('container', '10.0.0.7').resolver;
    const { claimOf, alternativesOf } = await createAttribution([hosts, container]).attribute([peer()]);
    expect(claimOf(peer())).toMatchObject({ source: 'container' });
    expect(alternativesOf(peer()).map(({ source }) => source)).toEqual(['hosts', 'address']);
  });

  test('is the same whether it takes time or not, and whatever the order of the resolvers', async () => {
    const resolvers = [
      later(knows('hosts', '10.0.0.7', { confidence: 'likely' }).resolver),
      later(knows('container', '10.0.0.7', { confidence: 'ambiguous' }).resolver),
      knows('library', '10.0.0.7', { confidence: 'likely' }).resolver,
    ];
    for (const all of [resolvers, resolvers.toReversed()]) {
      const { claimOf, alternativesOf } = await createAttribution(all).attribute([peer()]);
      const claims = [claimOf(peer()), ...alternativesOf(peer())].map(({ source }) => source);
      expect(claims).toEqual(['hosts', 'library', 'container', 'address']);
    }
  });

  test('is the address where nobody knows, also for a peer that was not asked about', async () => {
    const { claimOf, alternativesOf } = await createAttribution([]).attribute([peer()]);
    const address = { owner: '10.0.0.7', source: 'address', confidence: 'likely' };
    expect(claimOf(peer())).toEqual(address);
    expect(alternativesOf(peer())).toEqual([]);
    expect(claimOf(peer({ ip: '10.0.0.8' }))).toEqual({ ...address, owner: '10.0.0.8' });
  });
});

describe('a service, host or role that the best claim does not know', () => {
  const role = knows('library', '10.0.0.7', { confidence: 'likely', role: 'worker', host: 'lib-host' });
  const process = knows('process', '10.0.0.7', { host: 'vm' });

  test('is taken from the next one that does', async () => {
    const tag = knows('library-tag', '10.0.0.7', { confidence: 'likely', service: 'orders' });
    const resolvers = [process, role, tag].map(({ resolver }) => resolver);
    const { claimOf, alternativesOf } = await createAttribution(resolvers).attribute([peer()]);
    expect(claimOf(peer())).toEqual(
      claim({ source: 'process', owner: 'by process', host: 'vm', service: 'orders', role: 'worker' }),
    );
    expect(alternativesOf(peer())[0]).not.toHaveProperty('role');
  });

  test('is not added to an address that stands for many, nor taken from one', async () => {
    const gateway = knows('container', '10.0.0.7', { confidence: 'ambiguous', service: 'bridge' });
    const name = knows('dns', '10.0.0.7', { confidence: 'likely', host: 'dns-host' });
    const alone = await createAttribution([gateway.resolver, name.resolver]).attribute([peer()]);
    expect(alone.claimOf(peer())).not.toHaveProperty('host');
    const both = await createAttribution([gateway.resolver, process.resolver]).attribute([peer()]);
    expect(both.claimOf(peer())).not.toHaveProperty('service');
  });
});

test('each distinct peer is asked about once', async () => {
  const { resolver, asked } = knows('hosts', '10.0.0.7');
  await createAttribution([resolver]).attribute([peer(), peer(), peer({ name: 'orders' }), peer()]);
  expect(asked).toEqual([peer(), peer({ name: 'orders' })]);
});

describe('reverse DNS', () => {
  test('is not asked where something better is known', async () => {
    const { resolver, asked } = knows('dns', '10.0.0.7');
    const attribution = createAttribution([resolver, nameResolver, otherNameResolver]);
    const unknown = peer({ ip: '10.0.0.9' });
    await attribution.attribute([peer({ name: 'orders@web-1' }), peer({ name: 'orders' }), unknown]);
    expect(asked).toEqual([unknown]);
  });

  test('is asked about an address that is ambiguous', async () => {
    const { resolver, asked } = knows('dns', '10.0.0.7');
    const gateway = knows('container', '10.0.0.7', { confidence: 'ambiguous' }).resolver;
    await createAttribution([resolver, gateway]).attribute([peer()]);
    expect(asked).toEqual([peer()]);
  });
});

describe('a resolver that fails', () => {
  const broken = (source: ClaimSource, fail: () => Promise<undefined>): Resolver => ({
    source,
    claim: () => fail(),
  });

  test('is told of once, and keeps the others from nothing', async () => {
    const { claimOf, warnings } = await createAttribution([
      broken('container', () => {
        throw new Error('the engine is gone');
      }),
      broken('pod', () => Promise.reject(new Error('forbidden'))),
      knows('hosts', '10.0.0.7', { confidence: 'likely' }).resolver,
    ]).attribute([peer(), peer({ name: 'a' }), peer({ name: 'b' })]);
    expect(claimOf(peer())).toMatchObject({ source: 'hosts' });
    expect(warnings.toSorted()).toEqual([
      'The source "container" failed: the engine is gone',
      'The source "pod" failed: forbidden',
    ]);
  });

  test('may say so itself', async () => {
    const resolver: Resolver = { source: 'process', claim: () => undefined, warnings: () => ['Not root.'] };
    const { warnings } = await createAttribution([resolver]).attribute([peer()]);
    expect(warnings).toEqual(['Not root.']);
  });
});

test('what would move the cursor of a terminal is not passed on', async () => {
  const evil = knows('dns', '10.0.0.7', {
    owner: '\u001b[2Jgone',
    note: 'a\u009bb\nc',
    confidence: 'likely',
  });
  const { claimOf } = await createAttribution([evil.resolver]).attribute([peer()]);
  expect(claimOf(peer())).toMatchObject({ owner: '?[2Jgone', note: 'a?b?c', source: 'dns' });
});

test('100 000 peers are told apart', async () => {
  const peers = Array.from({ length: 100_000 }, (_, at) =>
    peer({
      ip: `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`,
      name: at % 3 === 0 ? `orders@web-${at}` : '',
    }),
  );
  const resolvers = [nameResolver, otherNameResolver, later(knows('container', '10.0.0.1').resolver)];
  const { claimOf } = await createAttribution(resolvers).attribute(peers);
  expect(claimOf(peers[3] as Peer)).toMatchObject({ source: 'name' });
  expect(claimOf(peers[1] as Peer)).toMatchObject({ source: 'container' });
});
