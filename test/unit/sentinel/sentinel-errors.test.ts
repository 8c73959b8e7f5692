import { describe, expect, test } from 'vitest';
import { HygieneError, type HygieneErrorCode } from '../../../src/core/errors.js';
import { roundFailure, sentinelFailure } from '../../../src/sentinel/sentinel-errors.js';

const failure = (port: number, error: Error) => ({ sentinel: { host: 's', port }, error });
const coded = (code: HygieneErrorCode) => new HygieneError(code, 'Something.');

describe('why a round failed', () => {
  test('names each sentinel with its reason, also where an error has no message', () => {
    const nameless = Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' });
    const failures = [failure(1, new Error('timeout')), failure(2, nameless), failure(3, new TypeError(''))];
    const error = roundFailure('mymaster', failures);
    expect(error.code).toBe('HYG_SENTINEL_UNREACHABLE');
    expect(error.message).toContain('None of 3 sentinels told where "mymaster" is');
    expect(error.message).toContain('s:1 (timeout), s:2 (ECONNREFUSED), s:3 (TypeError)');
    expect(error.details).toMatchObject({ master: 'mymaster' });
    expect(error.cause).toBe(failures[0]?.error);
  });

  test.for(['HYG_REPLICA_UNAVAILABLE', 'HYG_MASTER_UNKNOWN', 'HYG_AUTH_REFUSED'] as const)(
    'is %s where one of them said so',
    (code) => {
      const telling = coded(code);
      expect(roundFailure('m', [failure(1, new Error('timeout')), failure(2, telling)])).toBe(telling);
    },
  );

  test('is the most telling one, whoever said it first', () => {
    const codes = ['HYG_AUTH_REFUSED', 'HYG_MASTER_UNKNOWN', 'HYG_REPLICA_UNAVAILABLE'] as const;
    const of = (...some: HygieneErrorCode[]) =>
      roundFailure(
        'm',
        some.map((code, index) => failure(index, coded(code))),
      ).code;
    expect(of(...codes)).toBe('HYG_REPLICA_UNAVAILABLE');
    expect(of(codes[0], codes[1])).toBe('HYG_MASTER_UNKNOWN');
    expect(of('HYG_SHUT_DOWN')).toBe('HYG_SENTINEL_UNREACHABLE');
  });
});

test('why one sentinel did not help: by its address, or as it was told already', () => {
  const cause = new Error('ECONNRESET');
  const error = sentinelFailure('mymaster', failure(7, cause));
  expect(error).toMatchObject({ code: 'HYG_SENTINEL_UNREACHABLE', cause });
  expect(error.details).toEqual({ master: 'mymaster', sentinel: 's:7' });
  expect(error.message).toContain('The sentinel s:7 did not tell where "mymaster" is: ECONNRESET.');
  const told = coded('HYG_AUTH_REFUSED');
  expect(sentinelFailure('mymaster', failure(7, told))).toBe(told);
});
