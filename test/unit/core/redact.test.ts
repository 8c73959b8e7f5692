import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { redact, REDACTED, withoutCommand } from '../../../src/core/redact.js';

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
  ])('of the text %j gives %j', (text, expected) => {
    expect(redact(text)).toBe(expected);
  });

  test('leaves a word in place of the secret', () => {
    expect(redact({ password: 'p' })).toEqual({ password: '[redacted]' });
  });

  test('replaces the values of secret keys of any type, and leaves missing ones missing', () => {
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

  test('keeps what only looks like a secret key', () => {
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

  test('leaves the given object alone', () => {
    const given = { tls: { key: 'k' } };
    redact(given);
    expect(given).toEqual({ tls: { key: 'k' } });
  });

  test('shows a function by its name only, for its source may hold anything', () => {
    const retryStrategy = () => 'zq9';
    expect(redact({ retryStrategy, list: [() => 'zq9'] })).toEqual({
      retryStrategy: '[function retryStrategy]',
      list: ['[function anonymous]'],
    });
  });

  test('ends on circular data', () => {
    const circular: { self?: unknown; password: string } = { password: 'p' };
    circular.self = circular;
    expect(redact(circular)).toEqual({ password: REDACTED, self: '[circular]' });
  });

  test.each([1, true, null, undefined, 5n])('gives %s back as it is', (value) => {
    expect(redact(value)).toBe(value);
  });
});

describe('withoutCommand', () => {
  function refused(): Error {
    const error = new Error('WRONGPASS at redis://u:zq9@h');
    return Object.assign(error, { name: 'ReplyError', command: { name: 'auth', args: ['app', 'zq9'] } });
  }

  test('copies name, message and stack', () => {
    const original = refused();
    const copy = withoutCommand(original);
    expect(copy).toMatchObject({ name: 'ReplyError', message: `WRONGPASS at redis://${REDACTED}@h` });
    expect(copy.stack).toContain('redact.test.ts');
    expect(copy.stack?.split('\n')[1]).toBe(original.stack?.split('\n')[1]);
  });

  test('drops the command and every credential', () => {
    const shown = inspect(withoutCommand(refused()), { showHidden: true, depth: Infinity });
    expect(shown).not.toContain('zq9');
    expect(shown).not.toContain('command');
  });

  test('leaves the original alone: the application may still look at it', () => {
    const original = refused();
    withoutCommand(original);
    expect(original).toMatchObject({ message: 'WRONGPASS at redis://u:zq9@h', command: { name: 'auth' } });
  });

  test('shows an error without a stack by its name and message', () => {
    const original = refused();
    delete original.stack;
    expect(withoutCommand(original).stack).toBe(`ReplyError: WRONGPASS at redis://${REDACTED}@h`);
  });
});
