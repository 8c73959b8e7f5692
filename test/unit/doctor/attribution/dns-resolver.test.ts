import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { quietNow } from '../../../support/quiet-clock.js';
import { systemClock } from '../../../../src/core/clock.js';
import {
  createDnsResolver,
  type ReverseLookup,
  createSystemLookup,
} from '../../../../src/doctor/attribution/dns-resolver.js';
import { createFakeClock } from '../../../support/unit/fake-clock.js';
import { peer } from '../../../support/unit/doctor/attribution/peers.js';

const bounds = { timeoutMs: 1000, totalMs: 10_000, concurrency: 2 };

/** A lookup whose answers the test controls. */
function slowLookup() {
  const waiting = new Map<string, (names: readonly string[]) => void>();
  const lookup: ReverseLookup = (ip) => new Promise((resolve) => waiting.set(ip, resolve));
  return { lookup, waiting };
}

function peersOf(...hosts: number[]) {
  return hosts.map((host) => peer({ ip: `10.0.0.${host}` }));
}

describe('reverse DNS', () => {
  test('names an address', async () => {
    const resolver = createDnsResolver(() => Promise.resolve(['web-1.example.', 'other']), systemClock);
    expect(await resolver.attribute(peer())).toEqual({
      owner: 'web-1.example',
      source: 'dns',
      confidence: 'likely',
      host: 'web-1.example',
    });
  });

  test('returns nothing if there is no name or no answer', async () => {
    for (const lookup of [() => Promise.resolve([]), () => Promise.reject(new Error('ENOTFOUND'))]) {
      const resolver = createDnsResolver(lookup, systemClock);
      expect(await resolver.attribute(peer())).toBeUndefined();
      expect(resolver.warnings?.()).toEqual([]);
    }
  });

  test('looks up each address once', async () => {
    const asked: string[] = [];
    const resolver = createDnsResolver((ip) => {
      asked.push(ip);
      return Promise.resolve(['web-1']);
    }, systemClock);
    await Promise.all(
      [peer(), peer({ name: 'a' }), peer({ ip: '10.0.0.8' })].map(async (one) => resolver.attribute(one)),
    );
    expect(asked).toEqual(['10.0.0.7', '10.0.0.8']);
  });

  test.each(['127.0.0.1', '::1', '/run/redis.sock', '?', ''])('does not look up %j', (ip) => {
    const resolver = createDnsResolver(() => Promise.reject(new Error('asked')), systemClock);
    expect(resolver.attribute(peer({ ip }))).toBeUndefined();
  });

  test('limits the lookups that run at the same time', async () => {
    const { lookup, waiting } = slowLookup();
    const clock = createFakeClock();
    const resolver = createDnsResolver(lookup, clock, bounds);
    const attributions = Promise.all(peersOf(1, 2, 3).map(async (one) => resolver.attribute(one)));
    await clock.advance(0);
    expect([...waiting.keys()]).toEqual(['10.0.0.1', '10.0.0.2']);
    waiting.get('10.0.0.2')?.(['two']);
    await clock.advance(0);
    expect([...waiting.keys()]).toEqual(['10.0.0.1', '10.0.0.2', '10.0.0.3']);
    waiting.get('10.0.0.1')?.(['one']);
    waiting.get('10.0.0.3')?.([]);
    expect((await attributions).map((attribution) => attribution?.owner)).toEqual(['one', 'two', undefined]);
    expect(clock.pendingTimers()).toBe(0);
  });

  test('waits one second per lookup and ten seconds in all', async () => {
    const { lookup, waiting } = slowLookup();
    const clock = createFakeClock();
    const resolver = createDnsResolver(lookup, clock, bounds);
    const peers = peersOf(...Array.from({ length: 50 }, (_, at) => at));
    const attributions = Promise.all(peers.map(async (one) => resolver.attribute(one)));
    await clock.advance(9999);
    expect(waiting.size).toBe(20);
    await clock.advance(1);
    expect(await attributions).toEqual(peers.map(() => undefined));
    expect(resolver.warnings?.()).toEqual(['Reverse DNS was too slow: it left out 30 of 50 addresses.']);
    expect(clock.pendingTimers()).toBe(0);
  });
});

describe('a DNS server', () => {
  const server = createSocket('udp4');
  let queries: string[] = [];

  /** The name in a query: labels, each preceded by its length. */
  function readName(message: Buffer): string {
    const labels: string[] = [];
    for (let at = 12; message[at]; at += 1 + (message[at] ?? 0)) {
      labels.push(message.toString('latin1', at + 1, at + 1 + (message[at] ?? 0)));
    }
    return labels.join('.');
  }

  /** The query with one PTR record as the answer: https://www.rfc-editor.org/rfc/rfc1035 */
  function answer(message: Buffer): Buffer {
    const reply = Buffer.from(message);
    reply.writeUInt16BE(0x8180, 2); // response without error
    reply.writeUInt16BE(1, 6); // one record
    reply.writeUInt16BE(0, 10); // no additional records
    const end = message.indexOf(0, 12) + 5;
    const name = Buffer.from('\x05web-1\x04shop\x00', 'latin1');
    const record = Buffer.from([0xc0, 12, 0, 12, 0, 1, 0, 0, 0, 60, 0, name.length]);
    return Buffer.concat([reply.subarray(0, end), record, name]);
  }

  beforeAll(async () => {
    server.on('message', (message, { port, address }) => {
      const name = readName(message);
      queries.push(name);
      if (name !== '9.0.0.10.in-addr.arpa') server.send(answer(message), port, address);
    });
    server.bind(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => void server.close());

  const resolver = () =>
    createDnsResolver(createSystemLookup([`127.0.0.1:${server.address().port}`]), systemClock, {
      ...bounds,
      timeoutMs: 300,
    });

  test('is queried for the PTR records of IPv4 and IPv6', async () => {
    queries = [];
    const attributions = [peer(), peer({ ip: '2001:db8::1' })].map(async (one) => resolver().attribute(one));
    expect((await Promise.all(attributions)).map((attribution) => attribution?.owner)).toEqual([
      'web-1.shop',
      'web-1.shop',
    ]);
    expect(queries.toSorted()).toEqual([
      expect.stringMatching(/^1\.0\.0\..*8\.b\.d\.0\.1\.0\.0\.2\.ip6\.arpa$/),
      '7.0.0.10.in-addr.arpa',
    ]);
  });

  test('that does not answer is given up in time', async () => {
    const start = quietNow();
    expect(await resolver().attribute(peer({ ip: '10.0.0.9' }))).toBeUndefined();
    expect(quietNow() - start).toBeLessThan(900);
  });
});
