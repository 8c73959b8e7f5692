import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { errorTable, HygieneError, type HygieneErrorCode } from '../../../src/core/errors.js';
import { REDACTED } from '../../../src/core/redact.js';
import { MARK, rawSecrets, secrets, shownBy } from '../../support/unit/secret.js';

const codes = Object.keys(errorTable) as HygieneErrorCode[];

describe('a HygieneError', () => {
  test('has the published codes', () => {
    const publishedCodes = [
      'HYG_OPTION_UNKNOWN',
      'HYG_OPTION_TYPE',
      'HYG_OPTION_RANGE',
      'HYG_URL_SCHEME',
      'HYG_URL_INVALID',
      'HYG_SERVICE_MISSING',
      'HYG_IOREDIS_MISSING',
      'HYG_IOREDIS_VERSION',
      'HYG_IOREDIS_COPIES',
      'HYG_ALREADY_CONFIGURED',
      'HYG_AUTH_REFUSED',
      'HYG_CONNECT_FAILED',
      'HYG_NAME_REFUSED',
      'HYG_SHUT_DOWN',
      'HYG_ILLEGAL_MOVE',
    ];
    expect(codes).toEqual(expect.arrayContaining(publishedCodes));
  });

  test.each(codes)('of %s has a meaning and a remedy in whole sentences', (code) => {
    const { meaning, remedy } = errorTable[code];
    for (const text of [meaning, remedy]) expect(text).toMatch(/^\S.*\.$/);
  });

  test.each(codes)('of %s says what happened, and then what to do', (code) => {
    const error = new HygieneError(code, 'This happened.');
    expect(error.message).toBe(`This happened. ${errorTable[code].remedy}`);
    expect(error.code).toBe(code);
  });

  test('has its class name in `name` and at the start of its stack', () => {
    const error = new HygieneError('HYG_SHUT_DOWN', 'This happened.');
    expect(error.name).toBe('HygieneError');
    expect(error.stack).toMatch(/^HygieneError: This happened\./);
  });

  test('copies its details, so later changes do not affect it', () => {
    const details = { sentinels: [{ host: 'a' }] };
    const error = new HygieneError('HYG_SHUT_DOWN', 'This happened.', { details });
    details.sentinels.push({ host: 'b' });
    expect(error.details).toEqual({ sentinels: [{ host: 'a' }] });
  });

  test('has empty details if none are given', () => {
    expect(new HygieneError('HYG_SHUT_DOWN', 'This happened.').details).toEqual({});
  });

  test('has a cause only if one is given, even if it is undefined', () => {
    const cause = new Error('cause');
    expect(new HygieneError('HYG_SHUT_DOWN', 'This happened.', { cause }).cause).toBe(cause);
    expect(new HygieneError('HYG_SHUT_DOWN', 'x', { cause: undefined })).toHaveProperty('cause', undefined);
    expect(new HygieneError('HYG_SHUT_DOWN', 'x')).not.toHaveProperty('cause');
  });
});

/** ioredis options with a secret in every place that can contain one. */
function optionsWith(secret: string): Record<string, unknown> {
  return {
    username: 'app',
    password: secret,
    sentinelPassword: secret,
    sentinels: [{ host: 'a', password: secret }, [{ host: 'b', sentinelPassword: secret }]],
    tls: { key: secret, passphrase: secret, pfx: [{ buf: Buffer.from(secret), passphrase: secret }] },
    sentinelTLS: { key: Buffer.from(secret) },
    redisOptions: {
      password: secret,
      auth: secret,
      accessToken: secret,
      clientSecret: secret,
      passwd: secret,
    },
  };
}

describe('a HygieneError never contains a secret', () => {
  test('of ioredis options in its details, whatever the password', () => {
    fc.assert(
      fc.property(secrets, (secret) => {
        const details = optionsWith(secret);
        const error = new HygieneError('HYG_SHUT_DOWN', 'This happened.', { details });
        expect(shownBy(error)).not.toContain(MARK);
        expect(error.details).toMatchObject({ tls: { pfx: REDACTED }, sentinelTLS: { key: REDACTED } });
      }),
    );
  });

  test('of a percent-encoded URL, in its message or its details', () => {
    fc.assert(
      fc.property(secrets, (secret) => {
        const url = `redis://user:${encodeURIComponent(secret)}@h:6379/1`;
        const error = new HygieneError('HYG_SHUT_DOWN', `Found ${url}, expected another.`, {
          details: { url },
        });
        expect(shownBy(error)).not.toContain(MARK);
        expect(error.message).toContain('@h:6379/1, expected another.');
      }),
    );
  });

  test('of a URL whose password is not encoded, even if it contains slashes and at-signs', () => {
    fc.assert(
      fc.property(rawSecrets, (secret) => {
        const url = `rediss://user:${secret}@h`;
        const error = new HygieneError('HYG_SHUT_DOWN', `Found "${url}".`, { details: { given: [url] } });
        expect(shownBy(error)).not.toContain(MARK);
      }),
    );
  });

  test('of a URL whose password contains a blank, which `new URL` accepts', () => {
    const url = `redis://user:${MARK} ${MARK}@h`;
    expect(new URL(url).hostname).toBe('h');
    const error = new HygieneError('HYG_SHUT_DOWN', 'This happened.', { details: { url } });
    expect(shownBy(error)).not.toContain(MARK);
  });

  test.each(['password', 'sentinelPassword', 'auth'])('in the query value %s of a URL', (name) => {
    fc.assert(
      fc.property(secrets, (secret) => {
        const url = `redis://h?db=1&${name}=${encodeURIComponent(secret)}&family=6`;
        const error = new HygieneError('HYG_SHUT_DOWN', `Found ${url}`, { details: { url } });
        expect(shownBy(error)).not.toContain(MARK);
        expect(error.details['url']).toMatch(/\?db=1&.*&family=6$/);
      }),
    );
  });
});
