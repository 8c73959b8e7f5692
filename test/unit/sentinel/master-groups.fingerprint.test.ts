import { createSecureContext } from 'node:tls';
import { expect, test } from 'vitest';
import { fingerprintOf } from '../../../src/sentinel/master-groups.js';

const natMap = () => null;
const context = createSecureContext();

test.for([
  [[{ a: 1, b: [1, { c: 2 }] }], [{ a: 1, b: [1, { c: 2 }] }]],
  [[{ a: undefined }], [{}]],
  [[natMap], [natMap]],
  [[{ secureContext: context }], [{ secureContext: context }]],
  [[{ ca: Buffer.from('pem') }], [{ ca: Buffer.from('pem') }]],
  [[Object.assign(Object.create(null) as object, { a: 1 })], [{ a: 1 }]],
] as const)('equal options have equal fingerprints: %o and %o', ([one, other]) => {
  expect(fingerprintOf(...one)).toBe(fingerprintOf(...other));
});

test.for([
  [[{ password: 'a' }], [{ password: 'b' }]],
  [['a', 'b'], ['ab']],
  [
    [undefined, 'a'],
    ['a', undefined],
  ],
  [[natMap], [() => null]],
  [[natMap], [undefined]],
  [[{ secureContext: context }], [{ secureContext: createSecureContext() }]],
  [[{ ca: Buffer.from('pem') }], [{ ca: Buffer.from('other') }]],
  [[new Map([['a', 1]])], [new Map([['a', 1]])]],
] as const)('different options have different fingerprints: %o and %o', ([one, other]) => {
  expect(fingerprintOf(...one)).not.toBe(fingerprintOf(...other));
});

test('no password can be read out of a fingerprint, neither plain nor encoded', () => {
  const hash = fingerprintOf({ password: 'watch:s3cret' });
  expect(hash).not.toContain('s3cret');
  expect(Buffer.from(hash, 'base64').toString('latin1')).not.toContain('s3cret');
});
