import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  formatConnectionName,
  MAX_PART_LENGTH,
  parseConnectionName,
  sanitizePart,
  withoutHeartbeatRole,
} from '../../../src/identity/connection-name.js';

/** Any text that a part may have: all of Unicode, lone surrogates and control characters, short and very long. */
const codeUnits = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 });
const anyText = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '',
    '-',
    'a b',
    'a\nb',
    '\u0000',
    '🦊',
    '\ud800',
    'command',
    'a@b',
    '@acme/orders',
    'x#y',
    'é',
  ),
  codeUnits.map((codes) => String.fromCharCode(...codes)),
  fc.string({ unit: 'grapheme-composite', minLength: 300, maxLength: 300 }),
);
const anyParts = fc.record(
  { service: anyText, host: anyText, role: anyText },
  { requiredKeys: ['service', 'host'] },
);

describe('formatConnectionName', () => {
  test.each([
    [{ service: 'orders', host: 'web-1' }, 'orders@web-1'],
    [{ service: 'orders', host: 'web-1', role: 'command' }, 'orders@web-1'],
    [{ service: 'orders', host: 'web-1', role: 'pool' }, 'orders@web-1#pool'],
    [{ service: 'acme/orders', host: 'web.example.com' }, 'acme/orders@web.example.com'],
    [{ service: 'my orders', host: 'a@b', role: 'c#d' }, 'my-orders@a-b#c-d'],
    [{ service: 'größe\n', host: '🦊', role: '\ud800' }, 'gr--e-@-#-'],
    [{ service: '', host: '', role: '' }, '-@-#-'],
  ])('formats %j as %s', (parts, name) => {
    expect(formatConnectionName(parts)).toBe(name);
  });

  test('never returns a character that Redis refuses', () => {
    fc.assert(
      fc.property(anyParts, (parts) => void expect(formatConnectionName(parts)).not.toMatch(/[^!-~]/)),
    );
  });

  test('returns a name of bounded length', () => {
    fc.assert(
      fc.property(anyParts, (parts) => {
        expect(formatConnectionName(parts).length).toBeLessThanOrEqual(3 * MAX_PART_LENGTH + 2);
      }),
    );
  });

  test('returns the same name for parts that are already sanitised', () => {
    fc.assert(
      fc.property(anyParts, ({ service, host, role }) => {
        const clean = { service: sanitizePart(service), host: sanitizePart(host) };
        const cleanRole = role === undefined ? {} : { role: sanitizePart(role) };
        const given = { service, host, ...(role === undefined ? {} : { role }) };
        expect(formatConnectionName({ ...clean, ...cleanRole })).toBe(formatConnectionName(given));
      }),
    );
  });
});

describe('parseConnectionName', () => {
  test('returns the sanitised parts of a formatted name', () => {
    fc.assert(
      fc.property(anyParts, (parts) => {
        expect(parseConnectionName(formatConnectionName(parts))).toEqual({
          service: sanitizePart(parts.service),
          host: sanitizePart(parts.host),
          role: sanitizePart(parts.role ?? 'command'),
        });
      }),
    );
  });

  test.each(['subscriber', 'refresher', 'ssubscriber'])(
    'parses a name with the prefix of a Cluster’s %s',
    (kind) => {
      expect(parseConnectionName(`ioredis-cluster(${kind}):orders@web-1#cluster`)).toEqual({
        service: 'orders',
        host: 'web-1',
        role: 'cluster',
      });
    },
  );

  test('removes that prefix only at the beginning', () => {
    const service = 'a-ioredis-cluster(refresher):b';
    expect(parseConnectionName(`${service}@web-1`)).toEqual({ service, host: 'web-1', role: 'command' });
  });

  test.each([
    '',
    'foo',
    '@',
    '@b',
    'a@',
    'a@b#',
    'a@#c',
    'a@b@c',
    'a@b#c#d',
    'a b@c',
    'a@b#c d',
    'a@b\n',
    'é@b',
    'a@b#command',
    `${'a'.repeat(65)}@b`,
    'bull:abc',
    'sentinel-1a2b3c4d-cmd',
    'ioredis-cluster(subscriber)',
    'ioredis-cluster(subscriber):foo',
    'ioredis-cluster(subscriber)orders@web-1#',
  ])('returns undefined for %j', (name) => {
    expect(parseConnectionName(name)).toBeUndefined();
  });

  test('accepts a name only if formatting its parts returns the same name', () => {
    const separated = fc.array(fc.constantFrom('a', 'b-', '@', '#', ' ', 'é', 'command'), { maxLength: 7 });
    fc.assert(
      fc.property(
        fc.oneof(
          separated.map((pieces) => pieces.join('')),
          anyText,
        ),
        (name) => {
          const parts = parseConnectionName(name);
          if (parts) expect(formatConnectionName(parts)).toBe(name);
        },
      ),
    );
  });
});

describe('withoutHeartbeatRole', () => {
  test.each([
    ['orders@web-1', 'orders@web-1#library'],
    ['orders@web-1#pool', 'orders@web-1#library'],
    ['orders@web-1#subscriber', 'orders@web-1#library'],
    ['ioredis-cluster(subscriber):orders@web-1#cluster', 'ioredis-cluster(subscriber):orders@web-1#library'],
    ['orders@web-1#cache', 'orders@web-1#cache'],
    ['orders@web-1#library', 'orders@web-1#library'],
    ['bull:am9icw==', 'bull:am9icw=='],
    ['foreign', 'foreign'],
    ['', ''],
  ])('%j becomes %j', (name, expected) => {
    expect(withoutHeartbeatRole(name)).toBe(expected);
  });
});

describe('sanitizePart', () => {
  test('changes nothing when applied twice', () => {
    fc.assert(
      fc.property(anyText, (part) => void expect(sanitizePart(sanitizePart(part))).toBe(sanitizePart(part))),
    );
  });

  test('replaces one character with one dash, even if the character has two code units', () => {
    expect(sanitizePart('a🦊b c')).toBe('a-b-c');
  });

  test('keeps a part of 64 characters, the maximum length of a Linux host name', () => {
    expect(sanitizePart('h'.repeat(64))).toBe('h'.repeat(64));
  });

  test('cuts a longer part to 64 characters, ending in a hash', () => {
    expect(sanitizePart('h'.repeat(65))).toMatch(/^h{55}-[0-9a-f]{8}$/);
  });

  test('keeps two parts of 300 characters different, wherever they differ', () => {
    const different = fc
      .tuple(fc.nat(299), fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }))
      .filter(([, other]) => other !== 'a');
    fc.assert(
      fc.property(different, ([place, other]) => {
        const one = 'a'.repeat(300);
        expect(sanitizePart(one.slice(0, place) + other + one.slice(place + 1))).not.toBe(sanitizePart(one));
      }),
    );
  });

  test('keeps two parts of 300 characters different if they differ only in forbidden characters', () => {
    const end = 'a'.repeat(299);
    expect(new Set([' ', '-', '\n', 'é', '🦊', '@'].map((other) => sanitizePart(end + other))).size).toBe(6);
  });

  test('keeps two parts of 300 characters different if they differ only in a lone surrogate', () => {
    const end = 'a'.repeat(299);
    expect(sanitizePart(`${end}\ud800`)).not.toBe(sanitizePart(`${end}\ud801`));
  });
});
