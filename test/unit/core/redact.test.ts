import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { redact, REDACTED, stripCommand } from '../../../src/core/redact.js';

describe('redact', () => {
  test.each([
    ['redis://h:6379/1', 'redis://h:6379/1'],
    ['redis://user@h', `redis://${REDACTED}@h`],
    ['see redis://u:p@h and //u:p@h:1', `see redis://${REDACTED}@h and //${REDACTED}@h:1`],
    ['at file:///app/node_modules/@acme/x.js:1:2', 'at file:///app/node_modules/@acme/x.js:1:2'],
    ['profile://u:p@h', `profile://${REDACTED}@h`],
    ['/s.sock?password=p&db=1', `/s.sock?password=${REDACTED}&db=1`],
    ['/s.sock?PASSWORD=p&auth=p', `/s.sock?PASSWORD=${REDACTED}&auth=${REDACTED}`],
    ['orders@web-1#pool', 'orders@web-1#pool'],
  ])('turns the text %j into %j', (text, expected) => {
    expect(redact(text)).toBe(expected);
  });

  test('replaces a secret with a placeholder', () => {
    expect(redact({ password: 'p' })).toEqual({ password: '[redacted]' });
  });

  test('replaces values of any type under secret keys, but not null and undefined', () => {
    expect(
      redact({ password: 5, passphrase: ['a'], Token: { a: 1 }, secret: null, auth: undefined }),
    ).toEqual({
      password: REDACTED,
      passphrase: REDACTED,
      Token: REDACTED,
      secret: null,
      auth: undefined,
    });
  });

  test('keeps values whose keys only look like secret keys', () => {
    const harmless = {
      keyPrefix: 'app:',
      keepAlive: 1,
      passive: true,
      author: 'x',
      needsAuth: true,
      pfxFile: '/x',
    };
    expect(redact(harmless)).toEqual(harmless);
  });

  test('does not change the given object', () => {
    const given = { tls: { key: 'k' } };
    redact(given);
    expect(given).toEqual({ tls: { key: 'k' } });
  });

  test('replaces a function with its name, because its source may contain secrets', () => {
    const retryStrategy = () => 'zq9';
    expect(redact({ retryStrategy, list: [() => 'zq9'] })).toEqual({
      retryStrategy: '[function retryStrategy]',
      list: ['[function anonymous]'],
    });
  });

  test('accepts circular data', () => {
    const circular: { self?: unknown; password: string } = { password: 'p' };
    circular.self = circular;
    expect(redact(circular)).toEqual({ password: REDACTED, self: '[circular]' });
  });

  test.each([1, true, null, undefined, 5n])('returns %s unchanged', (value) => {
    expect(redact(value)).toBe(value);
  });
});

describe('stripCommand', () => {
  function createAuthError(): Error {
    const error = new Error('WRONGPASS at redis://u:zq9@h');
    return Object.assign(error, { name: 'ReplyError', command: { name: 'auth', args: ['app', 'zq9'] } });
  }

  test('copies name, message and stack', () => {
    const original = createAuthError();
    const copy = stripCommand(original);
    expect(copy).toMatchObject({ name: 'ReplyError', message: `WRONGPASS at redis://${REDACTED}@h` });
    expect(copy.stack).toContain('redact.test.ts');
    expect(copy.stack?.split('\n')[1]).toBe(original.stack?.split('\n')[1]);
  });

  test('removes the command and all credentials', () => {
    const shown = inspect(stripCommand(createAuthError()), { showHidden: true, depth: Infinity });
    expect(shown).not.toContain('zq9');
    expect(shown).not.toContain('command');
  });

  test('does not change the original error, which the application may still read', () => {
    const original = createAuthError();
    stripCommand(original);
    expect(original).toMatchObject({ message: 'WRONGPASS at redis://u:zq9@h', command: { name: 'auth' } });
  });

  test('gives an error without a stack its name and message as the stack', () => {
    const original = createAuthError();
    delete original.stack;
    expect(stripCommand(original).stack).toBe(`ReplyError: WRONGPASS at redis://${REDACTED}@h`);
  });
});
