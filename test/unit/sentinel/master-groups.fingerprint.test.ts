import { createSecureContext } from 'node:tls';
import { expect, test } from 'vitest';
import { fingerprint } from '../../../src/sentinel/master-groups.js';

const natMap = () => null;
const context = createSecureContext();

test.for([
  [[{ a: 1, b: [1, { c: 2 }] }], [{ a: 1, b: [1, { c: 2 }] }]],
  [[{ a: undefined }], [{}]],
  [[natMap], [natMap]],
  [[{ secureContext: context }], [{ secureContext: context }]],
  [[{ ca: Buffer.from('pem') }], [{ ca: Buffer.from('pem') }]],
  [[Object.assign(Object.create(null) as object, { a: 1 })], [{ a: 1 }]],
] as const)('%o and %o are the same', ([one, other]) => {
  expect(fingerprint(...one)).toBe(fingerprint(...other));
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
] as const)('%o and %o are not the same', ([one, other]) => {
  expect(fingerprint(...one)).not.toBe(fingerprint(...other));
});

test('no password is shown, neither as it is nor encoded', () => {
  const print = fingerprint({ password: 'watch:s3cret' });
  expect(print).not.toContain('s3cret');
  expect(Buffer.from(print, 'base64').toString('latin1')).not.toContain('s3cret');
});
