import { describe, expect, test } from 'vitest';
import { machineAddresses } from '../../../../src/doctor/attribution/ip-address.js';
import { endpointLabel, parseServerEndpoint } from '../../../../src/doctor/server/server-endpoint.js';
import { chooseNamed } from '../../../../src/doctor/sources/named-servers.js';

/** Chooses among servers that `given` names, which was reached at this address. */
function choose(given: string, remoteAddress: string | undefined, named: readonly string[], follow = false) {
  const by = { target: 'by:1', endpoint: parseServerEndpoint(given), socket: { remoteAddress } };
  const { asked, refusal } = chooseNamed(
    named.map((text) => parseServerEndpoint(text)),
    by,
    follow,
  );
  return { asked: asked.map(endpointLabel), refusal };
}

const machineAddress =
  [...machineAddresses()].find((ip) => !ip.includes(':') && !ip.startsWith('127.')) ?? '127.0.0.1';

describe('a server that another one names', () => {
  test.each([
    ['10.0.0.1', '10.0.0.1', '10.0.0.1:7001'],
    ['10.0.0.1', '10.0.0.1', '10.0.200.9'],
    ['redis-1', '172.18.0.2', '172.18.0.3'],
    ['[fd00:1:2::1]', 'fd00:1:2::1', '[fd00:1:2:9::7]'],
    ['[fd00::1]', 'fd00::1', '[fd00::2]'],
    ['[fe80::1%eth0]', 'fe80::1%eth0', '[fe80::2]'],
    ['10.0.0.1', '::ffff:10.0.0.1', '10.0.0.2'],
    ['127.0.0.1', '127.0.0.1', '127.0.0.1:7001'],
    ['localhost', '::1', '127.0.0.1'],
    ['/tmp/redis.sock', undefined, '127.0.0.1'],
    ['sentinel-1', '172.18.0.2', 'redis-1'],
    ['redis-1.shop.example', '1.2.3.4', 'redis-2.shop.example'],
    ['redis.example', '1.2.3.4', 'redis.example:7001'],
    ['127.0.0.1', '127.0.0.1', machineAddress],
  ] as const)('is asked where %s (%s) names %s', (given, remoteAddress, named) => {
    const { asked, refusal } = choose(given, remoteAddress, [named]);
    expect(asked).toEqual([endpointLabel(parseServerEndpoint(named))]);
    expect(refusal).toBeUndefined();
  });

  test.each([
    ['10.0.0.1', '10.0.0.1', '10.1.0.1'],
    ['10.0.0.1', '10.0.0.1', '127.0.0.1'],
    ['10.0.0.1', '10.0.0.1', '169.254.169.254'],
    ['127.0.0.1', '127.0.0.1', '203.0.113.7'],
    ['[fd00:1:2::1]', 'fd00:1:2::1', '[fd00:1:3::1]'],
    ['10.0.0.1', '10.0.0.1', 'redis-2'],
    ['redis-1.shop.example', '10.0.0.1', 'redis-1.shop.example.evil.example'],
    ['redis-1.shop.example', '10.0.0.1', 'redis-1'],
    ['a.example', '10.0.0.1', 'evil.example'],
  ])('is not asked where %s (%s) names %s, unless the user says so', (given, remoteAddress, named) => {
    const label = endpointLabel(parseServerEndpoint(named));
    const { asked, refusal } = choose(given, remoteAddress, [named]);
    expect(asked).toEqual([]);
    expect(refusal).toMatchObject({ code: 'HYG_TARGET_OUTSIDE' });
    expect(refusal?.message).toContain(
      `by:1 names servers outside of its network, which are not asked: ${label}.`,
    );
    expect(choose(given, remoteAddress, [named], true)).toEqual({ asked: [label], refusal: undefined });
  });
});

test('at most 1000 servers are asked, unless the user says so', () => {
  const named = Array.from({ length: 3_001 }, (_, index) => `10.0.0.1:${index + 1}`);
  const { asked, refusal } = choose('10.0.0.1', '10.0.0.1', named);
  expect(asked).toHaveLength(1_000);
  expect(refusal?.message).toContain('names servers beyond 1000, which are not asked: 10.0.0.1:1001');
  expect(refusal?.message).toContain('and 1998 more.');
  expect(choose('10.0.0.1', '10.0.0.1', named, true).asked).toHaveLength(3_001);
});
