import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { authRefusedError, nameRefusedError } from '../../../../src/connect/ioredis/connection-errors.js';
import { facts } from '../../../support/unit/ledger/fake-handle.js';
import { MARK, shownBy } from '../../../support/unit/secret.js';

/** Error of a refused AUTH as ioredis makes it, with the command and its arguments. */
function createReplyError(message: string): Error {
  const command = { name: 'auth', args: ['app', MARK] };
  return Object.assign(new Error(message), { name: 'ReplyError', command });
}

describe('a refused authentication', () => {
  test.each([
    'WRONGPASS invalid username-password pair or user is disabled.',
    'NOAUTH Authentication required.',
    'NOAUTH HELLO must be called with the client already authenticated',
    'ERR invalid password',
    'ERR invalid username-password pair',
    'ERR Invalid Password',
  ])('%s is reported with name and target', (message) => {
    const refusal = authRefusedError(createReplyError(message), facts);
    expect(refusal?.code).toBe('HYG_AUTH_REFUSED');
    expect(refusal?.message).toContain(
      `The credentials of orders@web-1#pool were refused by redis://h:6379: ${message}`,
    );
    expect(refusal?.details).toEqual({ name: 'orders@web-1#pool', role: 'pool', target: 'redis://h:6379' });
  });

  test('never shows the password, not even in its cause', () => {
    const refusal = authRefusedError(createReplyError('WRONGPASS invalid'), facts);
    expect(refusal && shownBy(refusal)).not.toContain(MARK);
    expect(inspect(refusal?.cause, { depth: Infinity, showHidden: true })).not.toContain(MARK);
  });

  test('keeps the error of the server as its cause', () => {
    expect(authRefusedError(createReplyError('WRONGPASS invalid'), facts)?.cause).toMatchObject({
      name: 'ReplyError',
      message: 'WRONGPASS invalid',
    });
  });

  test.each([
    'LOADING Redis is loading the dataset in memory',
    'ERR unknown command',
    'NOPERM this user has no permissions',
    'Connection is closed.',
    '',
  ])('is not detected in %j, which is passed on unchanged', (message) => {
    expect(authRefusedError(createReplyError(message), facts)).toBeUndefined();
  });
});

describe('a refused name', () => {
  test.each([
    ['other', 'shows "other" for a connection'],
    ['', 'shows no name for a connection'],
    [undefined, 'shows no name for a connection'],
  ])('is reported with the name that the server shows: %j', (given, shown) => {
    const refusal = nameRefusedError(given, facts);
    expect(refusal.code).toBe('HYG_NAME_REFUSED');
    expect(refusal.message).toContain(`redis://h:6379 ${shown}, expected "orders@web-1#pool".`);
    expect(refusal.details).toEqual({
      name: 'orders@web-1#pool',
      role: 'pool',
      target: 'redis://h:6379',
      given: given ?? null,
    });
  });
});
