import { describe, expect, test } from 'vitest';
import { HygieneError, type HygieneErrorCode } from '../../../src/core/errors.js';
import { allSentinelsFailedError, sentinelFailedError } from '../../../src/sentinel/sentinel-errors.js';

const failure = (port: number, error: Error) => ({ sentinel: { host: 's', port }, error });
const coded = (code: HygieneErrorCode) => new HygieneError(code, 'Something.');

describe('the error of a failed round', () => {
  test('names each sentinel with its reason, even if an error has no message', () => {
    const unnamed = Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' });
    const failures = [failure(1, new Error('timeout')), failure(2, unnamed), failure(3, new TypeError(''))];
    const error = allSentinelsFailedError('mymaster', failures);
    expect(error.code).toBe('HYG_SENTINEL_UNREACHABLE');
    expect(error.message).toContain('All sentinels are unreachable: none of 3 answered where "mymaster" is');
    expect(error.message).toContain('s:1 (timeout), s:2 (ECONNREFUSED), s:3 (TypeError)');
    expect(error.details).toMatchObject({ master: 'mymaster' });
    expect(error.cause).toBe(failures[0]?.error);
  });

  test.for(['HYG_REPLICA_UNAVAILABLE', 'HYG_MASTER_UNKNOWN', 'HYG_AUTH_REFUSED'] as const)(
    'is %s if one of the sentinels failed with it',
    (code) => {
      const specific = coded(code);
      expect(allSentinelsFailedError('m', [failure(1, new Error('timeout')), failure(2, specific)])).toBe(
        specific,
      );
    },
  );

  test('is the most specific one, in any order', () => {
    const codes = ['HYG_AUTH_REFUSED', 'HYG_MASTER_UNKNOWN', 'HYG_REPLICA_UNAVAILABLE'] as const;
    const codeOf = (...failed: HygieneErrorCode[]) =>
      allSentinelsFailedError(
        'm',
        failed.map((code, index) => failure(index, coded(code))),
      ).code;
    expect(codeOf(...codes)).toBe('HYG_REPLICA_UNAVAILABLE');
    expect(codeOf(codes[0], codes[1])).toBe('HYG_MASTER_UNKNOWN');
    expect(codeOf('HYG_SHUT_DOWN')).toBe('HYG_SENTINEL_UNREACHABLE');
  });
});

test('the error of one sentinel names its address, or is the HygieneError that it failed with', () => {
  const cause = new Error('ECONNRESET');
  const error = sentinelFailedError('mymaster', failure(7, cause));
  expect(error).toMatchObject({ code: 'HYG_SENTINEL_UNREACHABLE', cause });
  expect(error.details).toEqual({ master: 'mymaster', sentinel: 's:7' });
  expect(error.message).toContain('The sentinel s:7 did not answer where "mymaster" is: ECONNRESET.');
  const refused = coded('HYG_AUTH_REFUSED');
  expect(sentinelFailedError('mymaster', failure(7, refused))).toBe(refused);
});
