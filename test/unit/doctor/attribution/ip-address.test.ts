import fc from 'fast-check';
import { isIP } from 'node:net';
import { describe, expect, test } from 'vitest';
import {
  isLoopback,
  isUnixSocket,
  normalizeIp,
  splitAddr,
} from '../../../../src/doctor/attribution/ip-address.js';

describe('normalizeIp', () => {
  test.each([
    ['10.0.0.1', '10.0.0.1'],
    ['::1', '::1'],
    ['[::1]', '::1'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['FE80::A%eth0', 'fe80::a'],
    ['[fe80::a%25eth0]', 'fe80::a'],
    ['2001:0DB8:0000:0000:0001:0000:0000:0001', '2001:db8::1:0:0:1'],
    ['::ffff:172.18.0.50', '172.18.0.50'],
    ['::FFFF:ac12:32', '172.18.0.50'],
    ['0:0:0:0:0:ffff:172.18.0.50', '172.18.0.50'],
    ['::ffff:0:1', '0.0.0.1'],
    ['::', '::'],
  ])('%s becomes %s', (text, ip) => {
    expect(normalizeIp(text)).toBe(ip);
  });

  test.each([
    '',
    '?',
    'web-1',
    '10.0.0',
    '10.0.0.256',
    '010.0.0.1',
    '[10.0.0.1]',
    '::1]',
    '[::1',
    '/tmp/s',
    '1:2',
    ':',
  ])('%j is not an address', (text) => {
    expect(normalizeIp(text)).toBeUndefined();
  });

  test('is idempotent, and gives one spelling for all forms', () => {
    fc.assert(
      fc.property(fc.ipV6(), (text) => {
        const ip = normalizeIp(text) ?? '';
        expect(isIP(ip)).toBeGreaterThan(0);
        expect(normalizeIp(ip)).toBe(ip);
        expect(normalizeIp(text.toUpperCase())).toBe(ip);
        expect(normalizeIp(`[${text}]`)).toBe(ip);
      }),
    );
  });

  test('does not depend on which zeros are written', () => {
    const groups = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(groups, (values) => {
        const short = values.map((value) => value.toString(16)).join(':');
        const long = values.map((value) => value.toString(16).padStart(4, '0')).join(':');
        expect(normalizeIp(short)).toBe(normalizeIp(long));
      }),
    );
  });

  test('returns a mapped IPv4 address as IPv4', () => {
    fc.assert(
      fc.property(fc.ipV4(), (ip) => {
        expect(normalizeIp(`::ffff:${ip}`)).toBe(ip);
      }),
    );
  });

  test('accepts any text', () => {
    const unit = fc.oneof(
      fc.constantFrom(...Array.from('0123456789abcdefF:.%[]/ ')),
      fc.string({ maxLength: 1 }),
    );
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 50 }), (text) => {
        const ip = normalizeIp(text);
        expect(ip === undefined || isIP(ip) > 0).toBe(true);
        expect(splitAddr(text).ip).toBeTypeOf('string');
      }),
      { numRuns: 2000 },
    );
  });
});

describe('splitAddr', () => {
  test.each([
    ['1.2.3.4:5', '1.2.3.4', 5],
    ['[::1]:5', '::1', 5],
    ['::1:5', '::1', 5],
    ['[::ffff:10.0.0.1]:5', '10.0.0.1', 5],
    ['[fe80::1%eth0]:6379', 'fe80::1', 6379],
    ['/run/redis.sock:0', '/run/redis.sock', 0],
    ['/run/with: colon:0', '/run/with: colon', 0],
    ['/run/two\nlines:0', '/run/two\nlines', 0],
    ['?:0', '?', 0],
    [':0', '', 0],
    ['1.2.3.4:', '1.2.3.4', undefined],
    ['web-1', 'web-1', undefined],
    ['', '', undefined],
  ])('%j', (addr, ip, port) => {
    expect(splitAddr(addr)).toEqual({ ip, port });
  });

  test('splits what a server has joined', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), fc.nat(65_535), (ip, port) => {
        const end = { ip: normalizeIp(ip), port };
        expect(splitAddr(ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`)).toEqual(end);
        expect(splitAddr(`${ip}:${port}`)).toEqual(end);
      }),
    );
  });
});

test.each(['127.0.0.1', '127.8.9.1', '::1', '0.0.0.0', '::'])('%s is loopback', (ip) => {
  expect(isLoopback(ip)).toBe(true);
});

test.each(['128.0.0.1', '10.127.0.1', '::2', '/127.', ''])('%j is not loopback', (ip) => {
  expect(isLoopback(ip)).toBe(false);
});

test('a unix socket is recognised by its path', () => {
  expect(['/run/redis.sock', '@abstract'].map(isUnixSocket)).toEqual([true, true]);
  expect(['127.0.0.1', '::1', '?', ''].map(isUnixSocket)).toEqual([false, false, false, false]);
});
